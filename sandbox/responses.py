"""What an app answers to a command or posts to a response URL, carried out."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.assembly import Sandbox
from sandbox.directory import BOT_USER_ID
from sandbox.json_object import JsonObject
from sandbox.refusal import Refused
from sandbox.triggers import ResponseTarget
from sandbox.web_api.call import check_blocks


def respond(sandbox: Sandbox, target: ResponseTarget, answer: JsonObject) -> None:
    """Post, replace or delete as `answer` says. Raises Refused: no_text, invalid_blocks, message_not_found."""
    if answer.get("delete_original") or answer.get("replace_original"):
        _change_original(sandbox, target, answer)
        return
    blocks = check_blocks(answer["blocks"], sandbox.workspace) if answer.get("blocks") else None
    if not blocks and not answer.get("text"):
        raise Refused("no_text", status=400)
    in_channel = answer.get("response_type") == "in_channel"
    sandbox.workspace.post(
        sandbox.workspace.channels[target.channel],
        BOT_USER_ID,
        str(answer.get("text") or ""),
        blocks=blocks,
        thread_ts=answer.get("thread_ts") or target.thread_ts,
        ephemeral_to=None if in_channel else target.user,
    )


def _change_original(sandbox: Sandbox, target: ResponseTarget, answer: JsonObject) -> None:
    message = sandbox.workspace.messages.find(target.channel, target.message_ts or "")
    if message is None:
        raise Refused("message_not_found", status=404)
    if answer.get("delete_original"):
        sandbox.workspace.delete(message)
        return
    blocks = check_blocks(answer["blocks"], sandbox.workspace) if answer.get("blocks") else None
    sandbox.workspace.edit(message, text=str(answer.get("text") or ""), blocks=blocks, metadata=None)


class ResponseUrlEndpoint:
    """`POST /response/<key>`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def serve(self, request: Request) -> Response:
        started = self._sandbox.clock.now()
        body = await request.body()
        response = self._answer(request.path_params["key"], body)
        self._sandbox.traffic.note(
            "to_slack",
            "response_url",
            "response_url",
            status=response.status_code,
            started=started,
            request=body.decode(errors="replace"),
            response=bytes(response.body).decode(),
        )
        return response

    def _answer(self, key: str, body: bytes) -> Response:
        try:
            target = self._sandbox.response_urls.use(key)
            respond(self._sandbox, target, _parsed(body))
        except Refused as refusal:
            status = refusal.status if refusal.status != 200 else 400
            return JSONResponse({"ok": False, "error": refusal.error, **refusal.facts}, status)
        return JSONResponse({"ok": True})


def _parsed(body: bytes) -> JsonObject:
    try:
        answer: Any = json.loads(body)
    except ValueError as error:
        raise Refused("invalid_payload", status=400) from error
    if not isinstance(answer, dict):
        raise Refused("invalid_payload", status=400)
    return answer
