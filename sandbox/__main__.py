"""`python -m sandbox`: a local Slack workspace until Ctrl-C."""

import asyncio
import signal
import sys
from pathlib import Path
from typing import Literal

import click

from sandbox.config import NotLoopback, SandboxConfig
from sandbox.manifest import ManifestError
from sandbox.server import PortTaken, running_sandbox

_BAD_START = 2
_PROCESSING_SECONDS = 1.0  # what people report of Slack


@click.command(help="Run a local Slack workspace. Nothing in it leaves this machine.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Loopback address to listen on.")
@click.option("--port", default=4300, show_default=True, help="Port to listen on; 0 takes a free one.")
@click.option("--app-url", help="The app's request URL, for deliveries over HTTP.")
@click.option("--mode", type=click.Choice(["http", "socket"]), default="http", show_default=True)
@click.option("--manifest", type=click.Path(path_type=Path), help="The app's manifest (YAML).")
@click.option("--retry-scale", default=1.0, show_default=True, help="Scales Slack's retry delays of 0, 60, 300 s.")
@click.option("--rate-limits/--no-rate-limits", default=True, show_default=True)
@click.option("--signing-secret", default=SandboxConfig.signing_secret, help="What deliveries are signed with.")
def main(
    *,
    host: str,
    port: int,
    app_url: str | None,
    mode: Literal["http", "socket"],
    manifest: Path | None,
    retry_scale: float,
    rate_limits: bool,
    signing_secret: str,
) -> None:
    try:
        config = SandboxConfig(
            app_url=app_url,
            mode=mode,
            host=host,
            port=port,
            manifest=manifest,
            retry_scale=retry_scale,
            rate_limits=rate_limits,
            signing_secret=signing_secret,
            processing_seconds=_PROCESSING_SECONDS,
        )
        asyncio.run(_serve(config))
    except (PortTaken, ManifestError, NotLoopback) as error:
        click.echo(f"sandbox: {error}", err=True)
        sys.exit(_BAD_START)


async def _serve(config: SandboxConfig) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)
    async with running_sandbox(config) as sandbox:
        click.echo(f"The sandbox is at {sandbox.url}  (Web API {sandbox.api_url}, {config.mode} mode)")
        await stop.wait()


if __name__ == "__main__":
    main()
