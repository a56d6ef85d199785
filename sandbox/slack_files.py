"""Pictures in blocks that are files of Slack's: which of them Slack shows."""

import re
from collections.abc import Iterator
from typing import Any

from sandbox.block_kit import Problem
from sandbox.directory import BOT_USER_ID
from sandbox.files import File
from sandbox.json_object import JsonObject
from sandbox.shares import sharing
from sandbox.workspace import Workspace

_ID = "^[F][A-Z0-9]{8,}$"
_IN_AN_ADDRESS = re.compile(r"(?:files-pri/[A-Z0-9]+-|files/[A-Z0-9]+/)(?P<id>F[A-Z0-9]+)")
# png, jpg, jpeg and gif, by how their bytes begin.
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")


def picture_problems(blocks: list[JsonObject], workspace: Workspace) -> Iterator[Problem]:
    """What is wrong with the `slack_file`s in the well-formed blocks of a message."""
    for pointer, picture in _pictures(blocks):
        if "slack_file" in picture:
            yield from _file_problems(picture["slack_file"], f"{pointer}/slack_file", workspace)


def _pictures(blocks: list[JsonObject]) -> Iterator[tuple[str, JsonObject]]:
    """Image blocks, and image elements in sections and contexts, each with its pointer."""
    for position, block in enumerate(blocks):
        pointer = f"/blocks/{position}"
        within = [(pointer, block), (f"{pointer}/accessory", block.get("accessory"))]
        elements = block.get("elements") or []
        within += [(f"{pointer}/elements/{each}", element) for each, element in enumerate(elements)]
        yield from (
            (where, thing) for where, thing in within if isinstance(thing, dict) and thing.get("type") == "image"
        )


def _file_problems(named: Any, pointer: str, workspace: Workspace) -> Iterator[Problem]:
    if not isinstance(named, dict) or ("id" in named) == ("url" in named):
        yield Problem(pointer, "must provide either id or url")
    elif "id" in named and not re.match(_ID, str(named["id"])):
        yield Problem(f"{pointer}/id", f"input must match regex pattern: {_ID}")
    elif not _can_be_shown(_find(named, workspace), workspace):
        yield Problem(pointer, "invalid slack file")


def _find(named: JsonObject, workspace: Workspace) -> File | None:
    address = _IN_AN_ADDRESS.search(str(named.get("url", "")))
    return workspace.files.find(address["id"] if address else str(named.get("id")))


def _can_be_shown(file: File | None, workspace: Workspace) -> bool:
    """The app has access to it, Slack has looked at it, and it is a picture."""
    if file is None or not file.completed or file.deleted or not workspace.files.is_processed(file):
        return False
    if file.user != BOT_USER_ID and not sharing(workspace, file)["shares"]:
        return False
    with file.path.open("rb") as bytes_of_it:
        return bytes_of_it.read(8).startswith(_PICTURES)
