"""Starting and stopping: one workspace on one loopback port, in the running event loop."""

import asyncio
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from sandbox.assembly import Sandbox
from sandbox.config import SandboxConfig
from sandbox.connection import BreakableHttp, BreakableWebSocket
from sandbox.manifest import load_manifest
from sandbox.web import web_application

__all__ = ["PortTaken", "Sandbox", "SandboxConfig", "running_sandbox"]

# Requests under way at the end get this long; then they are cut off.
_PATIENCE_SECONDS = 0.5


class PortTaken(OSError):
    """Something else listens there."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(f"port {port} on {host} is taken; choose another with --port, or 0 for a free one")


@asynccontextmanager
async def running_sandbox(config: SandboxConfig) -> AsyncIterator[Sandbox]:
    """A sandbox that serves until the block ends.

    Raises PortTaken, ManifestError and NotLoopback, each with a sentence for people.
    """
    manifest = load_manifest(config.manifest)
    listening = _bind(config)
    with listening, tempfile.TemporaryDirectory(prefix="sandbox-files-", dir=config.spool) as spool:
        sandbox = Sandbox(config, manifest, url=_url(config, listening), spool=Path(spool))
        server = _server(web_application(sandbox))
        await server.startup(sockets=[listening])
        try:
            yield sandbox
        finally:
            await sandbox.close()
            await _stop(server)


def _bind(config: SandboxConfig) -> socket.socket:
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    # With the protocol left at 0, asyncio would not set TCP_NODELAY, and each answer would wait 40 ms for an ACK.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((config.host, config.port))
        listening.listen()
    except OSError as error:
        listening.close()
        raise PortTaken(config.host, config.port) from error
    return listening


def _url(config: SandboxConfig, listening: socket.socket) -> str:
    host = f"[{config.host}]" if ":" in config.host else config.host
    return f"http://{host}:{listening.getsockname()[1]}"


def _server(application: ASGIApp) -> uvicorn.Server:
    settings = uvicorn.Config(
        application,
        http=BreakableHttp,
        ws=BreakableWebSocket,
        lifespan="off",
        log_config=None,
        access_log=False,
        date_header=False,
        server_header=False,
    )
    settings.load()
    server = uvicorn.Server(settings)
    server.lifespan = settings.lifespan_class(settings)
    return server


async def _stop(server: uvicorn.Server) -> None:
    """Uvicorn's own shutdown waits in tenths of seconds, for as long as a stream stays open."""
    await _accept_no_more(server)
    for connection in list(server.server_state.connections):
        connection.shutdown()
    tasks = list(server.server_state.tasks)
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=_PATIENCE_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
    for connection in list(server.server_state.connections):
        connection.transport.abort()
    await _rounds()  # in which the transports close their sockets


async def _accept_no_more(server: uvicorn.Server) -> None:
    """What was accepted in this very moment becomes a connection first: asyncio forgets the socket otherwise."""
    for listener in server.servers:
        for accepting in listener.sockets:
            asyncio.get_running_loop().remove_reader(accepting.fileno())
    await _rounds()
    for listener in server.servers:
        listener.close()


async def _rounds() -> None:
    """The rounds of the event loop that it takes to make or to end a connection."""
    for _ in range(3):
        await asyncio.sleep(0)
