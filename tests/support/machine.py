"""What this machine has, what can be installed on it, and doing so once for all the processes of a test run."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

INSTALL_SECONDS = 900  # a slow mirror and a browser of 100 MB


class UnavailableError(Exception):
    """A program the tests need cannot be had here; the message says why and what to do about it."""


def once(run_directory: Path, name: str, make: Callable[[], str]) -> str:
    """Return what `make` gave, calling it in one process of the run only; the others wait for it.

    One lock serves all names, for two installations at once would get in each other's way.
    Raises UnavailableError, with the first process's reason, in every process if `make` raised it.
    """
    with (run_directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        record = run_directory / f"{name}.json"
        if not record.exists():
            record.write_text(json.dumps(_outcome(make)))
        outcome = json.loads(record.read_text())
    if "unavailable" in outcome:
        raise UnavailableError(outcome["unavailable"])
    return outcome["value"]


def _outcome(make: Callable[[], str]) -> dict[str, str]:
    try:
        return {"value": make()}
    except UnavailableError as reason:
        return {"unavailable": str(reason)}


def install_debian_package(name: str) -> None:
    """Install a Debian package. Raises UnavailableError where that is not ours to do, or when it fails."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise UnavailableError(f"it is not installed, and only root on Debian may (apt-get install {name})")
    sys.stderr.write(f"Installing the Debian package {name} for the tests ...\n")
    apt_get = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]
    try:
        _run([*apt_get, "update"])
        _run([*apt_get, "install", "-y", "--no-install-recommends", name])
    except subprocess.CalledProcessError as failure:
        raise UnavailableError(f"apt-get install {name} failed: {_error_line(failure.output)}") from failure
    except subprocess.TimeoutExpired as failure:
        raise UnavailableError(f"apt-get install {name} took over {INSTALL_SECONDS} s") from failure


def _error_line(output: str) -> str:
    """The first line that apt-get marked as an error, else its last one."""
    lines = output.strip().splitlines() or ["it printed nothing"]
    return next((line for line in lines if line.startswith("E: ")), lines[-1])


def _run(command: list[str]) -> None:
    subprocess.run(
        command,
        check=True,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=INSTALL_SECONDS,
    )
