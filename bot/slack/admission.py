"""How many deliveries are let in at the same time; the others are refused at once, and Slack sends events again."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PATH = "/slack/events"
# An acknowledgement with its row takes about a millisecond of CPU, and two or three of them where logs are read on the
# same cores. So the last of this many is answered about a second after it came, and Slack waits three.
MOST_AT_ONCE = 400
# Events come again; a command or a press that is refused shows a person an error. So some places are theirs alone.
MOST_EVENTS_AT_ONCE = 300
_SENTENCE = b"Too many deliveries at once; please send it again."
_START: Message = {
    "type": "http.response.start",
    "status": 503,
    "headers": [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(_SENTENCE)).encode()),
        (b"retry-after", b"1"),
    ],
}


class Admission:
    """Around the whole app, so that a delivery which is refused costs no more than its headers.

    What is refused is answered with 503; nothing of its body is read, and nothing is remembered.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._app(scope, receive, send)
        elif self._under_way >= _places(scope):
            await send(_START)
            await send({"type": "http.response.body", "body": _SENTENCE})
        else:
            self._under_way += 1
            try:
                await self._app(scope, receive, send)
            finally:
                self._under_way -= 1


def _places(scope: Scope) -> int:
    is_event = Headers(scope=scope).get("content-type", "").startswith("application/json")
    return MOST_EVENTS_AT_ONCE if is_event else MOST_AT_ONCE
