"""What can be chosen when a sandbox starts."""

import ipaddress
import urllib.parse
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Mode = Literal["http", "socket"]

# Slack retries an event at once, after one minute and after five.
RETRY_DELAYS_SECONDS = (0.0, 60.0, 300.0)


class NotLoopback(ValueError):
    """The sandbox hands out files and acts as anyone: it listens on this machine alone, and talks to nothing else."""

    def __init__(self, address: str) -> None:
        super().__init__(f"the sandbox stays on loopback (127.0.0.1, ::1 or localhost), {address} is not")


@dataclass(frozen=True)
class SandboxConfig:
    """Defaults are for tests: short retries and a free port. `python -m sandbox` uses Slack's own times."""

    app_url: str | None = None
    mode: Mode = "http"
    host: str = "127.0.0.1"
    port: int = 0
    manifest: Path | None = None
    bot_token: str = "xoxb-sandbox-not-a-real-token"  # noqa: S105 - visibly fake, so that no scanner and no person minds it
    app_token: str = "xapp-sandbox-not-a-real-token"  # noqa: S105 - the same
    signing_secret: str = "sandbox-signing-secret"  # noqa: S105 - the same
    team: str = "T0SANDBOX"
    retry_scale: float = 0.001
    ack_timeout_seconds: float = 3.0
    rate_limits: bool = True
    rate_scale: float = 1.0  # how many times Slack's allowance is given
    post_burst: int = 4  # messages a channel takes at once before one a second holds
    share_delay_seconds: float = 0.02  # completing an upload shares the file a little later
    processing_seconds: float = 0.05  # after that a file the app uploaded has a type, and can be in a block
    spool: Path | None = None  # where uploads are kept; a temporary folder that ends with the sandbox if None

    def __post_init__(self) -> None:
        if not is_loopback(self.host):
            raise NotLoopback(self.host)
        if self.app_url is not None:
            require_loopback_url(self.app_url)

    @property
    def retry_delays_seconds(self) -> tuple[float, ...]:
        return tuple(delay * self.retry_scale for delay in RETRY_DELAYS_SECONDS)


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def require_loopback_url(url: str) -> None:
    """Raises NotLoopback for an address on another machine."""
    if not is_loopback(urllib.parse.urlsplit(url).hostname or ""):
        raise NotLoopback(url)
