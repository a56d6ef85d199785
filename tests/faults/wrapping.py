"""The bot's functions wrapped from outside, so that its process can be struck at a moment of its work.

Most names here are those of libraries (a step of the durable engine, a call of Slack's client, a commit): they stay
where they are when the bot's own code moves.
"""

import asyncio
import contextvars
import functools
import os
import threading
import time
from collections.abc import AsyncIterator, Callable
from datetime import datetime, tzinfo
from importlib import import_module
from pathlib import Path
from typing import Any

from obstore.exceptions import GenericError

from tests.faults.moments import Journal, Moment, Orders

FOLDER = "TRIAGE_TEST_FAULTS"  # the environment's name for the folder of orders and journal
CLOCK_MAY_JUMP = "TRIAGE_TEST_CLOCK_MAY_JUMP"
NEXT_CODE = "TRIAGE_TEST_NEXT_CODE"
CLOCK = "clock"  # a file of the folder: by how many seconds the clock is off
DISK_IS_FULL = "disk-full"  # a file of the folder, for as long as it is
READER = "reader"


class Striker:
    """Strikes this process when the ordered moment has come."""

    def __init__(self, folder: Path) -> None:
        self.orders = Orders(folder)
        self.journal = Journal(folder)
        self._awaited: contextvars.ContextVar[Moment | None] = contextvars.ContextVar("awaited commit", default=None)

    def meet(self, call: str, side: str, arguments: Any = "") -> None:
        moment = self.orders.pending()
        if moment is None or (moment.call, moment.side) != (call, side) or moment.about not in str(arguments):
            return
        if moment.commit:
            self._awaited.set(moment)
        else:
            self._strike(moment)

    def meet_commit(self, side: str) -> None:
        moment = self._awaited.get()
        if moment is not None and moment.commit == side:
            self._awaited.set(None)
            self._strike(moment)

    def _strike(self, moment: Moment) -> None:
        if not self.orders.take():
            return
        self.journal.note("struck", call=moment.call, at=time.time())
        if moment.delay_seconds:
            threading.Timer(moment.delay_seconds, os.kill, (os.getpid(), moment.number)).start()
        else:
            os.kill(os.getpid(), moment.number)


def install(striker: Striker) -> None:
    """Wrap everything a moment can name. A name that is gone is an error: its moments would never come."""
    _wrap_calls(striker, "delivery", "slack_bolt.async_app:AsyncApp.async_dispatch", _body)
    _wrap_calls(striker, "intake", "services.triage.intake:receive_slack_upload")
    _wrap_calls(striker, "create_incident", "services.incidents.incident_service:create_incident")
    _wrap_calls(striker, "acknowledge_incident", "services.incidents.incident_service:acknowledge_incident")
    _wrap_calls(striker, "begin", "services.triage.pipeline:TriagePipeline.begin")
    _wrap_calls(striker, "analysis", "services.triage.analysis_pool:AnalysisPool.analyze")
    _wrap_calls(striker, "put_bytes", "services.artifacts.store:ArtifactStore.put_bytes")
    _wrap_slack(striker)
    _wrap_steps(striker)
    _wrap_commits(striker)
    _wrap_downloads(striker)
    replace("services.triage.analysis_pool:_analyze", lambda _original: analyze_or_die)
    _wrap_disk(Path(os.environ[FOLDER]) / DISK_IS_FULL)
    if CLOCK_MAY_JUMP in os.environ:
        _wrap_clocks(Path(os.environ[FOLDER]) / CLOCK)
    if NEXT_CODE in os.environ:
        _change_code(striker)


def replace(name: str, make: Callable[[Any], Any]) -> None:
    """Put `make(original)` in place of `module:attribute` or `module:Class.attribute`."""
    module, _, attributes = name.partition(":")
    owner = import_module(module)
    *path, last = attributes.split(".")
    for attribute in path:
        owner = getattr(owner, attribute)
    setattr(owner, last, make(getattr(owner, last)))


def _wrap_calls(striker: Striker, call: str, name: str, shown: Callable[..., Any] = lambda *a, **k: (a, k)) -> None:
    def make(original: Any) -> Any:
        @functools.wraps(original)
        async def wrapped(*args: Any, **options: Any) -> Any:
            arguments = shown(*args, **options)
            striker.meet(call, "before", arguments)
            result = await original(*args, **options)
            striker.meet(call, "after", arguments)
            return result

        return wrapped

    replace(name, make)


def _body(_app: Any, request: Any) -> str:
    return str(request.body)


def _wrap_slack(striker: Striker) -> None:
    def make(original: Any) -> Any:
        @functools.wraps(original)
        async def wrapped(client: Any, api_method: str, **request: Any) -> Any:
            striker.meet(f"slack:{api_method}", "before", request)
            answer = await original(client, api_method, **request)
            striker.meet(f"slack:{api_method}", "after", request)
            return answer

        return wrapped

    replace("slack_sdk.web.async_base_client:AsyncBaseClient.api_call", make)


def _wrap_steps(striker: Striker) -> None:
    """`before` and `after` are of the action; `noted` is when the engine has its result."""
    from dbos import DBOS

    original = DBOS.run_step_async

    async def run_step_async(options: Any, action: Any, *args: Any, **more: Any) -> Any:
        name, workflow = options["name"], DBOS.workflow_id

        @functools.wraps(action)
        async def acted(*inputs: Any, **named: Any) -> Any:
            striker.journal.note("began", step=name, workflow=workflow, at=time.time())
            striker.meet(f"step:{name}", "before", inputs)
            result = await action(*inputs, **named)
            striker.meet(f"step:{name}", "after", inputs)
            return result

        result = await original(options, acted, *args, **more)
        striker.journal.note("noted", step=name, workflow=workflow, at=time.time())
        striker.meet(f"step:{name}", "noted", args)
        return result

    DBOS.run_step_async = run_step_async


def _wrap_commits(striker: Striker) -> None:
    def make(original: Any) -> Any:
        @functools.wraps(original)
        async def commit(session: Any) -> None:
            striker.meet_commit("before")
            await original(session)
            striker.meet_commit("after")

        return commit

    replace("sqlalchemy.ext.asyncio:AsyncSession.commit", make)


def _wrap_downloads(striker: Striker) -> None:
    """`middle`: half of the body has been handed on, and the next part is asked for."""

    def make(original: Any) -> Any:
        @functools.wraps(original)
        async def aiter_bytes(response: Any, *args: Any) -> AsyncIterator[bytes]:
            handed, whole = 0, int(response.headers.get("content-length", 0))
            async for chunk in original(response, *args):
                yield chunk
                handed += len(chunk)
                if handed * 2 >= whole:
                    striker.meet("download", "middle", response.url)
                    await asyncio.sleep(0)

        return aiter_bytes

    replace("httpx:Response.aiter_bytes", make)


def _wrap_disk(full: Path) -> None:
    """The store's library says it in these words when the machine does."""

    def make(original: Any) -> Any:
        @functools.wraps(original)
        async def put_async(*args: Any, **options: Any) -> Any:
            if full.exists():  # noqa: ASYNC240 - a look at a folder on this machine
                raise GenericError("Generic LocalFileSystem error: No space left on device (os error 28)")
            return await original(*args, **options)

        return put_async

    replace("obstore:put_async", make)


def _wrap_clocks(offset: Path) -> None:
    """What this process takes for the time: Python's two ways to ask for it, as the bot and the engine use them."""
    real_time = time.time

    def ahead() -> float:
        return float(offset.read_text() or 0) if offset.exists() else 0.0

    class Jumping(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.fromtimestamp(real_time() + ahead(), tz)

    time.time = lambda: real_time() + ahead()
    replace("models.base:datetime", lambda _original: Jumping)


def _change_code(striker: Striker) -> None:
    """A later version of the job: it surveys what was fetched before it analyses it."""

    async def survey(*_args: Any) -> str:
        return "surveyed"

    def make(original: Any) -> Any:
        @functools.wraps(original)
        async def run_triage(pipeline: Any, step: Any, argument: str) -> None:
            async def longer(name: str, action: Any, *args: Any, **options: Any) -> Any:
                if name == "analyse":
                    await step("survey", survey)
                    striker.journal.note("surveyed", of=argument)
                return await step(name, action, *args, **options)

            await original(pipeline, longer, argument)

        return run_triage

    replace("services.triage.pipeline:TriagePipeline.run_triage", make)


def analyze_or_die(*args: Any) -> Any:
    """In place of the reader's function, in the reader's own process: the blow falls on the reader alone."""
    from services.triage import analysis_pool

    striker = Striker(Path(os.environ[FOLDER]))
    striker.meet(READER, "before", args)
    result = analysis_pool._analyze(*args)
    striker.meet(READER, "after", args)
    return result
