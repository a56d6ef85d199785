"""The sandbox's parts, wired together."""

import asyncio
import contextlib
from pathlib import Path

from sandbox.access import Access
from sandbox.changes import Changes
from sandbox.clock import Clock
from sandbox.config import SandboxConfig, require_loopback_url
from sandbox.deliveries import Deliveries
from sandbox.events import Events
from sandbox.faults import Faults
from sandbox.files import Files
from sandbox.http_delivery import HttpDelivery
from sandbox.ids import Ids
from sandbox.manifest import Manifest
from sandbox.rates import Rates
from sandbox.reply import Transport
from sandbox.socket_mode import SocketMode
from sandbox.traffic import Traffic
from sandbox.triggers import ResponseUrls, Triggers
from sandbox.workspace import Workspace


class Sandbox:
    """One running workspace. `url` is its address, `workspace` its state, `clock` what a test may advance."""

    def __init__(self, config: SandboxConfig, manifest: Manifest, *, url: str, spool: Path) -> None:
        self.config = config
        self.manifest = manifest
        self.url = url
        self.clock = Clock()
        self._closing = asyncio.Event()
        self.ids = Ids(self.clock)
        self.changes = Changes()
        self.faults = Faults(self.ids)
        self.triggers = Triggers(self.clock, self.ids)
        self.response_urls = ResponseUrls(self.clock, self.ids)
        self.traffic = Traffic(self.clock, self.changes, secrets_of(config))
        self.access = Access(config, manifest.scopes)
        self.rates = Rates(
            self.clock, enabled=config.rate_limits, scale=config.rate_scale, post_burst=config.post_burst
        )
        self.http = HttpDelivery(config, self.clock)
        self.sockets = SocketMode(config, self.ids, self.changes)
        transport: Transport = self.sockets if config.mode == "socket" else self.http
        self.deliveries = Deliveries(config, transport, self.clock, self.traffic, self.faults)
        self.events = Events(
            manifest,
            self.access,
            team=config.team,
            clock=self.clock,
            ids=self.ids,
            deliveries=self.deliveries,
        )
        self.workspace = Workspace(
            team=config.team,
            bot_name=manifest.bot_name,
            clock=self.clock,
            ids=self.ids,
            changes=self.changes,
            files=Files(self.clock, self.ids, spool=spool, base_url=url, team=config.team),
            announce=self.events.announce,
        )

    @property
    def api_url(self) -> str:
        """What the app's client takes as its base URL."""
        return f"{self.url}/api/"

    @property
    def app_url(self) -> str | None:
        """The app's request URL; a test sets it once its app has a port."""
        return self.http.app_url

    @app_url.setter
    def app_url(self, url: str) -> None:
        require_loopback_url(url)
        self.http.app_url = url

    async def pause(self, seconds: float) -> None:
        """Wait, but no longer than the sandbox lives."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), seconds)

    async def close(self) -> None:
        """End what would otherwise keep a connection open."""
        self._closing.set()
        self.changes.close()
        await self.sockets.close()
        await self.deliveries.close()
        await self.http.close()


def secrets_of(config: SandboxConfig) -> tuple[str, ...]:
    """What the traffic log must not show."""
    return (config.bot_token, config.app_token, config.signing_secret)
