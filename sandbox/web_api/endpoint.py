"""`/api/<method>`: arguments, token, scopes and rates first, then the method, then the log."""

import json
from email.utils import formatdate
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.assembly import Sandbox
from sandbox.broken_answers import answered
from sandbox.json_object import JsonObject
from sandbox.refusal import Refused
from sandbox.web_api import METHODS
from sandbox.web_api.call import Call


class WebApi:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def serve(self, request: Request) -> Response:
        return await answered(self._sandbox, request.path_params["method"], request, self._answer)

    async def _answer(self, request: Request) -> Response:
        name = request.path_params["method"]
        started = self._sandbox.clock.now()
        arguments: JsonObject = {}
        try:
            arguments = await _arguments(request)
            answer = {"ok": True, **self._run(name, _token(request, arguments), arguments)}
            response = JSONResponse(answer)
        except Refused as refusal:
            answer = {"ok": False, "error": refusal.error, **refusal.facts}
            response = JSONResponse(answer, refusal.status, refusal.headers)
        response.headers["x-oauth-scopes"] = self._sandbox.access.provided
        response.headers["date"] = formatdate(self._sandbox.clock.now(), usegmt=True)
        self._note(name, arguments, answer, response.status_code, started)
        return response

    def _run(self, name: str, token: str, arguments: JsonObject) -> JsonObject:
        access = self._sandbox.access
        access.require_token(token, name)
        method = METHODS.get(name)
        if method is None:
            raise Refused("unknown_method", req_method=name)
        access.require_scope(*method.scopes)
        self._sandbox.rates.spend(name, method.tier, str(arguments.get("channel", "")))
        return method.run(Call(self._sandbox, name, arguments))

    def _note(self, name: str, arguments: JsonObject, answer: JsonObject, status: int, started: float) -> None:
        verdict = "ok" if answer["ok"] else answer["error"]
        self._sandbox.traffic.note(
            "to_slack",
            "web_api",
            f"{name}: {verdict}",
            status=status,
            started=started,
            request=arguments,
            response=answer,
        )


async def _arguments(request: Request) -> JsonObject:
    """Query, then form or JSON on top. Raises Refused: invalid_json, json_not_object."""
    arguments: JsonObject = dict(request.query_params)
    if request.headers.get("content-type", "").startswith("application/json"):
        return arguments | _json_object(await request.body())
    async with request.form() as form:
        return arguments | {name: value for name, value in form.items() if not isinstance(value, UploadFile)}


def _json_object(body: bytes) -> JsonObject:
    try:
        value: Any = json.loads(body or b"{}")
    except ValueError as error:
        raise Refused("invalid_json") from error
    if not isinstance(value, dict):
        raise Refused("json_not_object")
    return value


def _token(request: Request, arguments: JsonObject) -> str:
    given = str(arguments.pop("token", "") or "")
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else given
