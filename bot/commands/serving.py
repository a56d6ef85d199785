"""`triage serve` and `triage worker`: the bot in this process, until it is asked to stop."""

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext

import uvicorn
from fastapi import FastAPI

from bot.api.operations import operations_app
from bot.app import create_app
from bot.settings import Settings, SettingsError

log = logging.getLogger(__name__)

DRAIN_SECONDS = 5
OPEN_FILES = 65_536  # a flood opens a connection for each delivery; the usual limit of 1,024 would leave them waiting


def serve(settings: Settings, *, work: bool = True) -> None:
    """Serve Slack and the API until SIGTERM or Ctrl-C.

    Raises:
        SettingsError: the port is taken, or a part refuses to start with these settings.
    """
    allow_open_files()
    with bind(settings.host, settings.port) as bound, bind_operations(settings) as beside:
        app = create_app(settings, web=True, work=work)
        config = uvicorn.Config(
            app, log_config=None, access_log=False, timeout_graceful_shutdown=DRAIN_SECONDS, lifespan="off"
        )
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(_serve(app, Server(config), bound, beside))


def allow_open_files() -> None:
    """Raise the soft limit of open files, as far as the system lets us."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415  # Unix has it

        soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = OPEN_FILES if most == resource.RLIM_INFINITY else min(OPEN_FILES, most)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


async def _serve(app: FastAPI, server: "Server", bound: socket.socket, beside: socket.socket | None) -> None:
    """The lifespan is ours, not uvicorn's: what goes wrong in it is raised here and can be said in a sentence."""
    async with app.router.lifespan_context(app), serving_operations(app, beside):
        on_stop_signal(server.stop)
        host, port = bound.getsockname()[:2]
        log.info("listening on http://%s:%d", host, port)
        await server.serve(sockets=[bound])


def work(settings: Settings) -> None:
    """Run jobs and deliver messages, without a web server, until SIGTERM or Ctrl-C.

    Raises:
        SettingsError: the database is SQLite, which belongs to one process, or the metrics' port is taken.
    """
    if settings.database_url.startswith("sqlite"):
        raise SettingsError(
            "A worker of its own needs Postgres (DATABASE_URL=postgresql://…): an SQLite database belongs to the one "
            "process that serves it, and `triage serve` does the work there."
        )
    with bind_operations(settings) as beside:
        asyncio.run(_work(settings, beside))


async def _work(settings: Settings, beside: socket.socket | None) -> None:
    app = create_app(settings, web=False, work=True)
    stop = asyncio.Event()
    on_stop_signal(stop.set)
    async with app.router.lifespan_context(app), serving_operations(app, beside):
        log.info("working")
        await stop.wait()


def bind_operations(settings: Settings) -> AbstractContextManager[socket.socket | None]:
    """The port for metrics and health, None where none is set. It is had before anything starts, or nothing is.

    Raises:
        SettingsError: the port is taken.
    """
    if settings.metrics_port is None:
        return nullcontext()
    return bind(settings.metrics_host, settings.metrics_port, setting="TRIAGE_METRICS_PORT")


@asynccontextmanager
async def serving_operations(app: FastAPI, bound: socket.socket | None) -> AsyncIterator[None]:
    """Metrics and health of a running bot on the port that was bound for them, if any, while the context is open."""
    if bound is None:
        yield
        return
    server = Server(
        uvicorn.Config(
            operations_app(app), log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    log.info("metrics and health on http://%s:%d", *bound.getsockname()[:2])
    try:
        yield
    finally:
        server.stop()
        await serving


def bind(host: str, port: int, *, setting: str = "TRIAGE_PORT") -> socket.socket:
    """A listening socket.

    Raises:
        SettingsError: the address cannot be had; the sentence names the setting.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named asyncio switches Nagle's algorithm off; without it an answer may wait 40 ms.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise SettingsError(
            f"Port {port} on {host} cannot be used ({error.strerror}): another program may have it. Set {setting} to "
            "another one."
        ) from None
    return bound


class Server(uvicorn.Server):
    """Leaves the signals to us: uvicorn would raise them again once it has stopped, and cut our own stopping short."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def stop(self) -> None:
        self.should_exit = True


def on_stop_signal(stop: Callable[[], None]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
