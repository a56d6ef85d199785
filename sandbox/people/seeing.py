"""What people see: the workspace, messages, views, files, and the stream of changes."""

import json
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from sandbox.assembly import Sandbox
from sandbox.directory import BOT_USER_ID
from sandbox.people.asking import Asked
from sandbox.transfers import StreamedFile
from sandbox.web_api.users import team_object

# Proxies and browsers give up on a silent stream.
_HEARTBEAT_SECONDS = 15
# What a browser draws by itself without running anything; all else is offered for saving.
_DRAWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


class Seeing:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[Route]:
        return [
            Route("/state", self.state),
            Route("/messages", self.messages),
            Route("/views", self.views),
            Route("/file/{file}", self.file),
            Route("/stream", self.stream),
        ]

    async def state(self, request: Request) -> Response:
        user = request.query_params.get("user", "")
        workspace, manifest = self._sandbox.workspace, self._sandbox.manifest
        return JSONResponse(
            {
                "team": team_object(workspace.team),
                "mode": self._sandbox.config.mode,
                "app": {
                    "name": manifest.app_name,
                    "description": manifest.description,
                    "bot_user_id": BOT_USER_ID,
                    "commands": list(manifest.commands),
                    "shortcuts": list(manifest.shortcuts),
                    "connected": self._sandbox.deliveries.transport.connected,
                    "scopes": list(self._sandbox.access.scopes),
                    "manifest_scopes": list(manifest.scopes),
                },
                "users": [each.as_slack(workspace.team) for each in workspace.users.values()],
                "channels": [each.as_slack() | {"members": each.members} for each in workspace.channels_of(user)],
            }
        )

    async def messages(self, request: Request) -> Response:
        asked = Asked(self._sandbox, dict(request.query_params))
        user, channel, thread_ts = asked.user, asked.channel, asked.thread_ts
        store = self._sandbox.workspace.messages
        found = store.thread(channel.id, thread_ts) if thread_ts else store.roots(channel.id)
        shown = [message.as_seen() for message in found if message.ephemeral_to in (None, user)]
        return JSONResponse({"messages": shown})

    async def views(self, request: Request) -> Response:
        user = Asked(self._sandbox, dict(request.query_params)).user
        views = self._sandbox.workspace.views
        return JSONResponse({"stack": views.stack(user), "home": views.home(user)})

    async def file(self, request: Request) -> Response:
        file = self._sandbox.workspace.files.find(request.path_params["file"])
        if file is None or file.deleted or not file.received:
            return PlainTextResponse("This file is gone.", 404)
        if file.mimetype in _DRAWN:
            return StreamedFile(file.path, media_type=file.mimetype)
        return StreamedFile(file.path, media_type="application/octet-stream", filename=file.name)

    async def stream(self, request: Request) -> Response:
        lines = self._lines(request.query_params.get("user", ""))
        return StreamingResponse(lines, media_type="text/event-stream", headers={"cache-control": "no-store"})

    async def _lines(self, user: str) -> AsyncIterator[str]:
        yield ": connected\n\n"
        async for change in self._sandbox.changes.read(user, heartbeat_seconds=_HEARTBEAT_SECONDS):
            yield f"data: {json.dumps(change)}\n\n" if change else ": still here\n\n"
