"""How the Web API says no."""

from typing import Any


class Refused(Exception):
    """Slack's `{"ok": false, "error": ...}`, with what else belongs into that answer."""

    def __init__(self, error: str, *, status: int = 200, headers: dict[str, str] | None = None, **facts: Any) -> None:
        super().__init__(error)
        self.error = error
        self.status = status
        self.headers = headers or {}
        self.facts = facts
