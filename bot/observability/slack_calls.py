"""Every call to Slack, counted where all of them pass: on the connections."""

import re
import time
from types import SimpleNamespace

import aiohttp
import httpx

from bot.observability.metrics import Metrics

_METHOD = re.compile(r"/api/([a-zA-Z.]{3,64})$")
_SAYS_NO = re.compile(rb'\s*\{\s*"ok"\s*:\s*false')


def count_calls(session: aiohttp.ClientSession, metrics: Metrics) -> None:
    """Count the session's requests by Web API method (uploads as `upload`) and by what came of them.

    The results: `ok`, `refused` (Slack answered with an error), `ratelimited`, `unavailable` (5xx), `unreachable`.
    """
    config = aiohttp.TraceConfig()
    calls = _Calls(metrics)
    config.on_request_start.append(calls.start)
    config.on_request_end.append(calls.answered)
    config.on_response_chunk_received.append(calls.read)
    config.on_request_exception.append(calls.failed)
    config.freeze()
    session.trace_configs.append(config)


def count_downloads(http: httpx.AsyncClient, metrics: Metrics) -> None:
    """Count the client's answers as calls of the method `download`."""

    async def count(response: httpx.Response) -> None:
        metrics.slack_calls.labels("download", _result_of(response.status_code)).inc()

    http.event_hooks = {"response": [count]}


class _Calls:
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    async def start(
        self, _: aiohttp.ClientSession, call: SimpleNamespace, start: aiohttp.TraceRequestStartParams
    ) -> None:
        found = _METHOD.search(start.url.path)
        call.method, call.began = found[1] if found else "upload", time.perf_counter()

    async def answered(
        self, _: aiohttp.ClientSession, call: SimpleNamespace, end: aiohttp.TraceRequestEndParams
    ) -> None:
        """An answer with status 200 says in its body how it went; that comes next."""
        status = end.response.status
        if status != 200 or call.method == "upload":
            self._count(call, _result_of(status))

    async def read(
        self, _: aiohttp.ClientSession, call: SimpleNamespace, part: aiohttp.TraceResponseChunkReceivedParams
    ) -> None:
        self._count(call, "refused" if _SAYS_NO.match(part.chunk) else "ok")

    async def failed(
        self, _: aiohttp.ClientSession, call: SimpleNamespace, _error: aiohttp.TraceRequestExceptionParams
    ) -> None:
        self._count(call, "unreachable")

    def _count(self, call: SimpleNamespace, result: str) -> None:
        """Once a call, whatever else happens to it."""
        if not hasattr(call, "result"):
            call.result = result
            self._metrics.slack_calls.labels(call.method, result).inc()
            self._metrics.slack_call_seconds.labels(call.method).observe(time.perf_counter() - call.began)


def _result_of(status: int) -> str:
    if status == 429:
        return "ratelimited"
    if status >= 500:
        return "unavailable"
    return "ok" if status < 400 else "refused"
