"""The knobs beside the page: traffic, faults, settings."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.assembly import Sandbox
from sandbox.faults import BadFault
from sandbox.people.asking import body_of
from sandbox.refusal import Refused

_ARCHIVIST = "U0ALICE"


class Controlling:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[Route]:
        return [
            Route("/traffic", self.traffic),
            Route("/faults", self.faults),
            Route("/faults", self.add_fault, methods=["POST"]),
            Route("/faults", self.clear_faults, methods=["DELETE"]),
            Route("/settings", self.settings, methods=["POST"]),
        ]

    async def traffic(self, request: Request) -> Response:
        after = request.query_params.get("after", "0")
        if not after.isdecimal():
            raise Refused("invalid_after", status=400)
        return JSONResponse({"entries": self._sandbox.traffic.after(int(after))})

    async def faults(self, _request: Request) -> Response:
        return self._pending()

    async def add_fault(self, request: Request) -> Response:
        needs = await body_of(request)
        target, kind = str(needs.pop("target", "")), str(needs.pop("kind", ""))
        needs.pop("user", None)  # who asks is of no matter to a fault
        try:
            fault = self._sandbox.faults.add(target, kind, **needs)
        except BadFault as error:
            return JSONResponse({"ok": False, "error": "bad_fault", "detail": str(error)}, 400)
        if target == "socket" and self._sandbox.faults.take("socket") is fault:
            await self._sandbox.sockets.strike(kind, seconds=fault.seconds)
        return self._pending()

    async def clear_faults(self, _request: Request) -> Response:
        self._sandbox.faults.clear()
        return self._pending()

    async def settings(self, request: Request) -> Response:
        settings = await body_of(request)
        if isinstance(settings.get("scopes"), list):
            self._sandbox.access.scopes[:] = [str(scope) for scope in settings["scopes"]]
            self._sandbox.changes.publish("channel")
        self._set_active(settings.get("user_active"))
        self._set_archived(settings.get("channel_archived"))
        return JSONResponse({"ok": True})

    def _pending(self) -> Response:
        return JSONResponse({"ok": True, "faults": self._sandbox.faults.pending()})

    def _set_active(self, setting: Any) -> None:
        if isinstance(setting, dict):
            user = _found(self._sandbox.workspace.users, setting.get("user"), "user_not_found")
            self._sandbox.workspace.set_active(user, active=bool(setting.get("active")))

    def _set_archived(self, setting: Any) -> None:
        if isinstance(setting, dict):
            channel = _found(self._sandbox.workspace.channels, setting.get("channel"), "channel_not_found")
            self._sandbox.workspace.archive(channel, archived=bool(setting.get("archived")), by=_ARCHIVIST)


def _found(things: dict[str, Any], key: Any, otherwise: str) -> Any:
    if str(key) not in things:
        raise Refused(otherwise, status=404)
    return things[str(key)]
