"""The bot, whole, in the test's own event loop: over HTTP without a server, or served for the sandbox to call."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import uvicorn
from fastapi import FastAPI

from bot.app import create_app
from bot.commands.serving import Server
from bot.settings import Settings


def settings_for(tmp_path, database_url, **changes) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path / "state", database_url=database_url, **changes)


@asynccontextmanager
async def api_client(settings, **parts) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the running app, in this process."""
    app = create_app(settings, **parts)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://bot.test") as client:
            client.app = app
            yield client


@asynccontextmanager
async def served(settings, bound) -> AsyncIterator[FastAPI]:
    """The bot behind a port that was bound before it started."""
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        server = Server(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1))
        serving = asyncio.create_task(server.serve(sockets=[bound]))
        try:
            yield app
        finally:
            await _accept_no_more(bound)
            server.stop()
            await serving


async def _accept_no_more(bound) -> None:
    """What was accepted in this very moment becomes a connection before the server ends: asyncio forgets it otherwise."""
    asyncio.get_running_loop().remove_reader(bound)
    for _ in range(3):
        await asyncio.sleep(0)


async def eventually(check, *, within_seconds=30):
    """The first true value that `check` returns; it is asked again until then."""
    async with asyncio.timeout(within_seconds):
        while True:
            value = await check()
            if value:
                return value
            await asyncio.sleep(0.02)
