"""What people do: write, upload, press, submit, react, delete."""

import asyncio
import shutil
from pathlib import Path
from typing import BinaryIO

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.assembly import Sandbox
from sandbox.files import File
from sandbox.interactions import Act, Interactions
from sandbox.json_object import JsonObject
from sandbox.messages import Message
from sandbox.people.asking import Asked, body_of
from sandbox.references import with_mentions
from sandbox.refusal import Refused

_COPY_BYTES = 1024 * 1024
_MOST_BYTES = 1024**3
_MOST_FILES = 10


class Acting:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._interactions = Interactions(sandbox)

    def routes(self) -> list[Route]:
        posts = {
            "/messages": self.write,
            "/command": self.command,
            "/upload": self.upload,
            "/action": self.action,
            "/view_submit": self.view_submit,
            "/view_close": self.view_close,
            "/shortcut": self.shortcut,
            "/home": self.home,
            "/reaction": self.reaction,
            "/delete": self.delete,
        }
        routes = [Route(path, endpoint, methods=["POST"]) for path, endpoint in posts.items()]
        return [*routes, Route("/options", self.options)]

    async def write(self, request: Request) -> Response:
        asked = await self._asked(request)
        user, channel = asked.user, asked.open_channel
        if not asked.text("text").strip():
            raise Refused("no_text", status=400)
        text = self._with_mentions(asked.text("text"))
        message = self._sandbox.workspace.post(channel, user, text, thread_ts=asked.thread_ts)
        return JSONResponse({"ok": True, "message": message.as_seen()})

    async def command(self, request: Request) -> Response:
        asked = await self._asked(request)
        command, text = asked.text("command"), asked.text("text")
        return JSONResponse(
            await self._interactions.command(asked.user, asked.open_channel, command, text, asked.thread_ts)
        )

    async def upload(self, request: Request) -> Response:
        """One message with all files; without a channel the files alone, for a file input."""
        async with request.form(max_files=_MOST_FILES) as form:
            asked = Asked(self._sandbox, {name: value for name, value in form.items() if isinstance(value, str)})
            user, uploads = asked.user, _uploads(form)
            channel, thread_ts = (asked.open_channel, asked.thread_ts) if asked.text("channel") else (None, None)
            files = [await self._keep(user, upload) for upload in uploads]
        answer: JsonObject = {"ok": True, "files": [self._sandbox.workspace.files.as_slack(file) for file in files]}
        if channel is not None:
            message = self._sandbox.workspace.post(
                channel,
                user,
                self._with_mentions(asked.text("text")),
                thread_ts=thread_ts,
                files=files,
                stubbed=asked.text("stub") == "1",
            )
            answer["message"] = message.as_seen()
        return JSONResponse(answer)

    async def action(self, request: Request) -> Response:
        asked = await self._asked(request)
        act = Act(asked.text("block_id"), asked.text("action_id"), asked.fields.get("value"), asked.values)
        if asked.text("view_id"):
            return JSONResponse(await self._interactions.act_in_view(asked.user, asked.view, act))
        return JSONResponse(await self._interactions.act_on_message(asked.user, asked.message, act))

    async def view_submit(self, request: Request) -> Response:
        asked = await self._asked(request)
        return JSONResponse(await self._interactions.submit(asked.user, asked.view, asked.values))

    async def view_close(self, request: Request) -> Response:
        asked = await self._asked(request)
        cleared = bool(asked.fields.get("all"))
        return JSONResponse(await self._interactions.close(asked.user, asked.view, cleared=cleared))

    async def shortcut(self, request: Request) -> Response:
        asked = await self._asked(request)
        message = asked.message if asked.text("ts") else None
        return JSONResponse(await self._interactions.shortcut(asked.user, asked.text("callback_id"), message))

    async def home(self, request: Request) -> Response:
        asked = await self._asked(request)
        self._sandbox.workspace.home_opened(asked.user)
        return JSONResponse({"ok": True})

    async def options(self, request: Request) -> Response:
        asked = Asked(self._sandbox, dict(request.query_params))
        block_id, action_id, value = asked.text("block_id"), asked.text("action_id"), asked.text("value")
        place = self._place(asked, block_id)
        return JSONResponse(await self._interactions.options(asked.user, place, block_id, action_id, value))

    async def reaction(self, request: Request) -> Response:
        asked = await self._asked(request)
        workspace, name = self._sandbox.workspace, asked.text("name").strip(":")
        if asked.fields.get("remove"):
            workspace.take_back_reaction(asked.message, asked.user, name)
        else:
            workspace.react(asked.message, asked.user, name)
        return JSONResponse({"ok": True})

    async def delete(self, request: Request) -> Response:
        """People delete what is theirs; an ephemeral message its reader dismisses."""
        asked = await self._asked(request)
        if asked.text("file"):
            self._sandbox.workspace.delete_file(self._own_file(asked))
            return JSONResponse({"ok": True})
        message = asked.message
        if asked.user not in (message.body["user"], message.ephemeral_to):
            raise Refused("cant_delete_message", status=403)
        self._sandbox.workspace.delete(message)
        return JSONResponse({"ok": True})

    def _place(self, asked: Asked, block_id: str) -> Message | JsonObject:
        """The view or message that was named, or else whichever shows the block."""
        if asked.text("view_id"):
            return asked.view
        if asked.text("ts"):
            return asked.message
        place = self._interactions.place_of_block(asked.user, block_id)
        if place is None:
            raise Refused("element_not_found", status=404)
        return place

    async def _asked(self, request: Request) -> Asked:
        return Asked(self._sandbox, await body_of(request))

    def _own_file(self, asked: Asked) -> File:
        file = self._sandbox.workspace.files.find(asked.text("file"))
        if file is None or file.deleted:
            raise Refused("file_not_found", status=404)
        if file.user != asked.user:
            raise Refused("cant_delete_file", status=403)
        return file

    async def _keep(self, user: str, upload: UploadFile) -> File:
        file = self._sandbox.workspace.files.create(upload.filename or "file", user=user)
        file.size = await asyncio.to_thread(_copy, upload.file, file.path)
        file.received = file.completed = True
        if file.size > _MOST_BYTES:
            self._sandbox.workspace.files.delete(file)
            raise Refused("file_upload_size_restricted", status=413)
        return file

    def _with_mentions(self, text: str) -> str:
        return with_mentions(text, self._sandbox.workspace.users.values())


def _uploads(form: FormData) -> list[UploadFile]:
    uploads = [value for value in form.getlist("file") if isinstance(value, UploadFile)]
    if not uploads:
        raise Refused("no_file", status=400)
    return uploads


def _copy(source: BinaryIO, target: Path) -> int:
    with target.open("wb") as kept:
        shutil.copyfileobj(source, kept, _COPY_BYTES)
        return kept.tell()
