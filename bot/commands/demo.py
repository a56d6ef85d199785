"""`triage demo`: a local Slack workspace and the bot, on this machine, with nothing to set up."""

import os
import shutil
import signal
import subprocess
import sys
import time
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click
import httpx

from bot.commands.serving import bind
from bot.settings import SettingsError

MANIFEST = Path(__file__).parents[2] / "manifest.yml"
STATE_FOLDER = Path(".triage/demo")
SAMPLE_FOLDER = Path("sample-logs")
START_SECONDS = 60.0
STOP_SECONDS = 10.0
POLL_SECONDS = 0.1
# The sandbox's tokens, visibly fake: it is a program of its own and shares no code with the bot.
BOT_TOKEN = "xoxb-sandbox-not-a-real-token"  # noqa: S105
APP_TOKEN = "xapp-sandbox-not-a-real-token"  # noqa: S105
SIGNING_SECRET = "sandbox-signing-secret"  # noqa: S105


@click.command()
@click.option("--port", default=8711, show_default=True, help="The workspace's page; the bot takes the port before it.")
@click.option("--mode", type=click.Choice(["http", "socket"]), default="http", show_default=True)
@click.option("--browser/--no-browser", default=True, help="Open the page in a browser where there is one.")
def demo(*, port: int, mode: str, browser: bool) -> None:
    """Start a local Slack workspace and the bot, and print where to look."""
    try:
        for wanted in (port, port - 1):
            bind("127.0.0.1", wanted).close()
    except SettingsError:
        raise click.ClickException(
            f"Port {wanted} is taken by another program, perhaps an earlier demo: end that one, or choose another port "
            "with `make demo PORT=9711`."
        ) from None
    state = STATE_FOLDER.absolute()
    shutil.rmtree(state, ignore_errors=True)
    state.mkdir(parents=True)
    click.echo("Starting the workspace and the bot …")
    try:
        _run(port, mode, state, browser=browser)
    except KeyboardInterrupt:
        click.echo("\nStopped.")


def _run(port: int, mode: str, state: Path, *, browser: bool) -> None:
    page, bot_url = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port - 1}"
    run_module("sandbox.samples", str(SAMPLE_FOLDER))
    slack = ["sandbox", "--port", str(port), "--app-url", f"{bot_url}/slack/events", "--mode", mode]
    with stop_on_signals(), child("workspace", [*slack, "--manifest", str(MANIFEST)], {}, state) as workspace:
        wait_until_ready(f"{page}/people/state", workspace, state / "workspace.log")
        with child("bot", ["bot.cli", "serve"], bot_environment(port, port - 1, mode, state), state) as bot:
            wait_until_ready(f"{bot_url}/readyz", bot, state / "bot.log")
            _say_where(page, bot_url, state)
            if browser and has_browser():
                webbrowser.open(page)
            _watch(workspace, bot, state)


def bot_environment(page_port: int, bot_port: int, mode: str, state: Path) -> dict[str, str]:
    """Everything that points elsewhere is overruled: a demo must not touch a real workspace or database."""
    return {
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_APP_TOKEN": APP_TOKEN if mode == "socket" else "",
        "DATABASE_URL": "",
        "TRIAGE_ARTIFACTS_URL": "",
        "TRIAGE_API_TOKEN": "",
        "TRIAGE_HOST": "127.0.0.1",
        "TRIAGE_PORT": str(bot_port),
        "TRIAGE_DATA_DIR": str(state),
        "TRIAGE_SLACK_API_URL": f"http://127.0.0.1:{page_port}/api/",
        "TRIAGE_INCIDENT_CHANNEL": "C0INCIDENTS",
        "TRIAGE_LOG_FORMAT": "console",
    }


def run_module(*words: str) -> None:
    """Run one of our programs to its end."""
    subprocess.run([sys.executable, "-m", *words], check=True, stdout=subprocess.DEVNULL)  # noqa: S603  # our own


@contextmanager
def child(name: str, words: list[str], environment: dict[str, str], state: Path) -> Iterator[subprocess.Popen[bytes]]:
    """One of our programs beside this one, in a process group of its own so that Ctrl-C reaches it through us alone."""
    with (state / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603  # our own
            [sys.executable, "-m", *words],
            env={**os.environ, **environment},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if httpx.get(url, timeout=1.0, params={"user": ""}).status_code < 500:
                return
        except httpx.TransportError:
            pass
        time.sleep(POLL_SECONDS)
    ended = log.read_text(errors="replace").strip().splitlines()[-12:]
    raise click.ClickException("\n".join([f"It did not start; {log} ends with:", *ended]))


@contextmanager
def stop_on_signals() -> Iterator[None]:
    """`kill` stops the demo the way Ctrl-C does, and Ctrl-C also where a shell started it with that ignored."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def has_browser() -> bool:
    """Whether opening a page would show it: on a machine without a screen it would open a text browser here."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _say_where(page: str, bot_url: str, state: Path) -> None:
    click.echo(f"""
  Workspace   {page}/
  REST API    {bot_url}/incidents
  Sample logs {SAMPLE_FOLDER.absolute()}
  Logs        {state}

  1. Open the workspace, go to #incidents and type:  /incident checkout is failing sev1
  2. Open the card's thread and drop the sample logs into it.
  3. Read the triage, then press Acknowledge.

  Ctrl-C stops everything.
""")


def _watch(workspace: subprocess.Popen[bytes], bot: subprocess.Popen[bytes], state: Path) -> None:
    """Wait until somebody stops the demo, or a part of it ends by itself."""
    while True:
        for name, process in (("workspace", workspace), ("bot", bot)):
            if process.poll() is not None:
                raise click.ClickException(f"The {name} ended by itself; see {state / f'{name}.log'}.")
        time.sleep(POLL_SECONDS)
