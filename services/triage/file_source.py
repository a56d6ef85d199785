"""Where an upload's bytes come from. The one that talks to Slack lives in bot/slack."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class UploadPlace:
    """Where a file was shared: a channel and the thread's root, None for a message of its own."""

    channel: str
    thread_ts: str | None
    name: str
    uploader: str


class FileSource(Protocol):
    def open(self, slack_file_id: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """The file's bytes as they arrive.

        Raises:
            FileUnavailable, FileTooLarge: it cannot be had, and why.
            PassingFault: not now; also in the middle of the bytes, where they end too early.
        """
        ...

    async def places(self, slack_file_id: str) -> list[UploadPlace]:
        """Where the file was shared; none when it is gone.

        Raises:
            PassingFault: it cannot be known now.
        """
        ...
