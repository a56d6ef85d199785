"""A nursery of bots: it has imported the bot once, and forks a wrapped one for each line on its standard input.

A start by fork saves the second that imports take; from there on it is `triage serve` or `triage worker` as anybody
starts it. When the input ends, so do all that were forked: nothing is left behind.

In: {"words", "environment", "folder"}, or {"signal", "pid"}. Out: {"pid"} in answer, {"pid", "status"} when one ends.
"""

import json
import os
import select
import signal
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

LOOK_SECONDS = 0.02


def main() -> None:
    _preload()
    children: set[int] = set()
    lines, parent = _Lines(), os.getppid()
    try:
        while not lines.ended and os.getppid() == parent:  # a parent that was killed closes nothing that others hold
            for line in lines.read(LOOK_SECONDS):
                _obey(json.loads(line), children)
            _bury(children)
    finally:
        for pid in children:
            _signal_group(pid, signal.SIGKILL)


def _preload() -> None:
    for module in ("bot.app", "bot.commands.serve", "tests.faults.guards", "tests.faults.wrapping"):
        import_module(module)


class _Lines:
    """The lines of standard input, without a thread: a process that forks must have none."""

    def __init__(self) -> None:
        self.ended = False
        self._rest = b""

    def read(self, seconds: float) -> list[bytes]:
        if not select.select([0], [], [], seconds)[0]:
            return []
        chunk = os.read(0, 65536)
        self.ended = not chunk
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        return lines


def _obey(order: dict[str, Any], children: set[int]) -> None:
    if "signal" in order:
        _signal_group(order["pid"], order["signal"])
        return
    pid = os.fork()
    if pid == 0:
        _become(order)
    children.add(pid)
    _say(pid=pid)


def _say(**facts: int) -> None:
    os.write(1, json.dumps(facts).encode() + b"\n")


def _signal_group(pid: int, number: int) -> None:
    """The bot and its readers, or the bot alone where it has not become a group of its own yet."""
    for send in (os.killpg, os.kill):
        try:
            send(pid, number)
        except ProcessLookupError:
            continue
        return


def _bury(children: set[int]) -> None:
    for pid in list(children):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            children.discard(pid)
            _signal_group(pid, signal.SIGKILL)  # its readers, should they not have noticed
            _say(pid=pid, status=os.waitstatus_to_exitcode(status))


def _become(order: dict[str, Any]) -> None:
    """The bot, in a process group of its own; never returns."""
    try:
        os.setsid()
        _redirect(Path(order["folder"]))
        os.environ.clear()
        os.environ.update(order["environment"])
        os.chdir(order["folder"])
        _run(order["words"])
    except SystemExit as leaving:
        os._exit(leaving.code if isinstance(leaving.code, int) else 1)
    except BaseException:  # noqa: BLE001 - the end of a process: what it died of goes to its log
        traceback.print_exc()
    finally:
        os._exit(1)


def _redirect(folder: Path) -> None:
    log = os.open(folder / "bot.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)


def _run(words: list[str]) -> None:
    from bot.cli import main as triage
    from tests.faults import guards, wrapping

    striker = wrapping.Striker(Path(os.environ[wrapping.FOLDER]))
    wrapping.install(striker)
    guards.apply(os.environ)
    triage(words)


if __name__ == "__main__":
    sys.exit(main())
