"""Files: tickets for uploads, bytes spooled to disk, file objects in Slack's shape."""

import mimetypes
import urllib.parse
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from sandbox.clock import Clock
from sandbox.ids import Ids
from sandbox.json_object import JsonObject
from sandbox.refusal import Refused

# What Slack calls the types people drop most; by the name's end.
_FILE_TYPES = {
    ".log": ("text/plain", "text", "Plain Text"),
    ".txt": ("text/plain", "text", "Plain Text"),
    ".json": ("application/json", "json", "JSON"),
    ".jsonl": ("text/plain", "text", "Plain Text"),
    ".html": ("text/html", "html", "HTML"),
    ".gz": ("application/x-gzip", "gzip", "Gzip"),
    ".zip": ("application/zip", "zip", "Zip"),
    ".tar": ("application/x-tar", "tar", "Tar"),
    ".png": ("image/png", "png", "PNG"),
    ".csv": ("text/csv", "csv", "CSV"),
    ".md": ("text/plain", "markdown", "Markdown (raw)"),
}
_UNKNOWN_TYPE = ("application/octet-stream", "binary", "Binary")


@dataclass
class File:
    id: str
    name: str
    title: str
    user: str
    created_seconds: int
    path: Path
    size: int = 0
    received: bool = False
    completed: bool = False
    deleted: bool = False
    is_public: bool = False  # shared in a public channel
    processed_at: float = 0.0  # until then Slack does not know what it is

    @property
    def mimetype(self) -> str:
        return file_type(self.name)[0]


class Files:
    def __init__(self, clock: Clock, ids: Ids, *, spool: Path, base_url: str, team: str) -> None:
        self._clock = clock
        self._ids = ids
        self._spool = spool
        self._base_url = base_url
        self._team = team
        self._files: dict[str, File] = {}
        self._tickets: dict[str, File] = {}

    def create(self, name: str, *, user: str, title: str | None = None) -> File:
        """A file without bytes yet."""
        file_id = self._ids.fresh("F")
        created = int(self._clock.now())
        file = File(file_id, name, title or name, user, created, path=self._spool / file_id)
        self._files[file_id] = file
        return file

    def issue_ticket(self, file: File) -> str:
        """The URL to post the bytes to, once."""
        ticket = self._ids.fresh(length=32)
        self._tickets[ticket] = file
        return f"{self._base_url}/upload/v1/{ticket}"

    async def receive(self, ticket: str, chunks: AsyncIterator[bytes]) -> File | None:
        """Spool the bytes posted to `ticket`; None for a ticket nobody issued."""
        file = self._tickets.pop(ticket, None)
        if file is None:
            return None
        await self.spool(file, chunks)
        return file

    async def spool(self, file: File, chunks: AsyncIterator[bytes]) -> None:
        with file.path.open("wb") as spooled:
            async for chunk in chunks:
                spooled.write(chunk)
                file.size += len(chunk)
        file.received = True

    def find(self, file_id: str) -> File | None:
        return self._files.get(file_id)

    def get(self, file_id: str) -> File:
        """Raises Refused: file_not_found, file_deleted."""
        file = self._files.get(file_id)
        if file is None or not file.completed:
            raise Refused("file_not_found")
        if file.deleted:
            raise Refused("file_deleted")
        return file

    def process(self, file: File, *, seconds: float) -> None:
        """Have Slack look at what it got, for so long."""
        file.processed_at = self._clock.now() + seconds

    def is_processed(self, file: File) -> bool:
        return self._clock.now() >= file.processed_at

    def delete(self, file: File) -> None:
        file.deleted = True
        file.path.unlink(missing_ok=True)

    def as_slack(self, file: File) -> JsonObject:
        if file.deleted:
            return {"id": file.id, "mode": "tombstone"}
        mimetype, filetype, pretty_type = file_type(file.name) if self.is_processed(file) else ("", "", "")
        quoted = urllib.parse.quote(file.name, safe="")
        private = f"{self._base_url}/files-pri/{self._team}-{file.id}"
        return {
            "id": file.id,
            "created": file.created_seconds,
            "timestamp": file.created_seconds,
            "name": file.name,
            "title": file.title,
            "mimetype": mimetype,
            "filetype": filetype,
            "pretty_type": pretty_type,
            "user": file.user,
            "user_team": self._team,
            "editable": False,
            "size": file.size,
            "mode": "hosted",
            "is_external": False,
            "external_type": "",
            "is_public": file.is_public,
            "public_url_shared": False,
            "display_as_bot": False,
            "username": "",
            "url_private": f"{private}/{quoted}",
            "url_private_download": f"{private}/download/{quoted}",
            "permalink": f"{self._base_url}/files/{file.user}/{file.id}/{quoted}",
            "is_starred": False,
            "has_rich_preview": False,
            "file_access": "visible",
        }


def stub(file_object: JsonObject) -> JsonObject:
    """What an app gets instead of a file object where it has to ask files.info first (Slack Connect)."""
    return {
        "id": file_object["id"],
        "created": 0,
        "timestamp": 0,
        "mode": "file_access",
        "file_access": "check_file_info",
        "user": file_object["user"],
        "user_team": file_object["user_team"],
    }


def file_type(name: str) -> tuple[str, str, str]:
    """(mimetype, filetype, pretty_type) as Slack tells them, by the name's end."""
    known = _FILE_TYPES.get(Path(name).suffix.lower())
    if known:
        return known
    guessed, _ = mimetypes.guess_type(name)
    if guessed is None:
        return _UNKNOWN_TYPE
    subtype = guessed.rsplit("/", 1)[1]
    return guessed, subtype, subtype.upper()
