"""A real Postgres server for the tests: found or installed, private to one test run, gone after it.

The server's keeper is a process of its own (`python -m tests.support.postgres`), so that the server outlives the xdist
worker that first needed it, and never outlives the run, however that ends.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from tests.support.machine import UnavailableError, install_debian_package

ROOT = Path(__file__).parents[2]
START_SECONDS = 60
STOP_SECONDS = 15
USER = "triage"
# The databases live for one test: nothing has to survive a crash, and little memory is enough.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "listen_addresses": "127.0.0.1",
    "timezone": "UTC",
}


def start(run_directory: Path) -> str:
    """Start the server and its keeper; return its base URL, `postgresql://user@127.0.0.1:port`.

    Raises UnavailableError, saying why, where no server can be had.
    """
    programs = find_programs() or _install()
    home = run_directory / "postgres"
    port = _free_port()
    _create_cluster(programs, home)
    command = [sys.executable, "-m", "tests.support.postgres", programs, home, str(port), run_directory / "alive"]
    with (run_directory / "keeper.log").open("wb") as log:
        subprocess.run(command, check=True, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    base_url = f"postgresql://{USER}@127.0.0.1:{port}"
    _wait_until_it_answers(base_url, home)
    return base_url


def find_programs() -> Path | None:
    """The directory that holds the server's programs: on PATH, as Debian packs them, or where pg_config says."""
    return next((directory for directory in _candidates() if _has_server(directory)), None)


def _candidates() -> list[Path]:
    on_path = shutil.which("postgres")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -float(path.parent.name))
    return [*([Path(on_path).resolve().parent] if on_path else []), *debian, *_named_by_pg_config()]


def _named_by_pg_config() -> list[Path]:
    try:
        answer = subprocess.run(["pg_config", "--bindir"], check=True, capture_output=True, text=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        return []
    return [Path(answer.stdout.strip())]


def _has_server(directory: Path) -> bool:
    return all(os.access(directory / program, os.X_OK) for program in ("postgres", "initdb"))


def _install() -> Path:
    """Install Debian's server, without the cluster that the package would otherwise create and start."""
    no_cluster = Path("/etc/postgresql-common/createcluster.d/triage-tests.conf")
    if os.geteuid() == 0:
        no_cluster.parent.mkdir(parents=True, exist_ok=True)
        no_cluster.write_text("create_main_cluster = false\n")
    try:
        install_debian_package("postgresql")
    finally:
        no_cluster.unlink(missing_ok=True)
    if programs := find_programs():
        return programs
    raise UnavailableError("the package postgresql was installed, but holds no server")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _unprivileged() -> dict:
    """Postgres refuses to run as root: the arguments of subprocess that make it somebody else."""
    if os.geteuid() != 0:
        return {}
    return {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []}


def _create_cluster(programs: Path, home: Path) -> None:
    home.mkdir()
    if os.geteuid() == 0:
        shutil.chown(home, "nobody")
    command = [programs / "initdb", "--pgdata", home / "cluster", "--username", USER, "--auth", "trust"]
    options = ["--encoding", "UTF8", "--no-locale", "--no-sync"]
    try:
        subprocess.run([*command, *options], check=True, cwd=home, capture_output=True, text=True, **_unprivileged())
    except subprocess.CalledProcessError as failure:
        raise UnavailableError(f"initdb failed: {failure.stderr.strip()}") from failure
    except PermissionError as failure:
        raise UnavailableError(f"root may not become the user nobody here: {failure}") from failure


def _wait_until_it_answers(base_url: str, home: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and not (home / "stopped").exists():
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(f"{base_url}/postgres", connect_timeout=5).close()
            return
        time.sleep(0.05)
    log = home / "server.log"
    written = log.read_text(errors="replace").strip() if log.exists() else "it wrote no log"
    raise UnavailableError(f"the server did not start: {written[-500:]}")


def keep(programs: Path, home: Path, port: str, alive: Path) -> None:
    """Run the server while `alive` exists and the process named in it lives; then stop and remove it."""
    settings = {**SETTINGS, "port": port, "unix_socket_directories": str(home)}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with (home / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [programs / "postgres", "-D", home / "cluster", *options],
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **_unprivileged(),
        )
    while server.poll() is None and _run_is_alive(alive):
        time.sleep(0.1)
    (home / "stopped").touch()
    server.send_signal(signal.SIGQUIT)  # immediate shutdown: nothing is worth a checkpoint
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
    if not _run_is_alive(alive):
        shutil.rmtree(alive.parent, ignore_errors=True)


def _run_is_alive(alive: Path) -> bool:
    try:
        os.kill(int(alive.read_text()), 0)
    except (FileNotFoundError, ProcessLookupError):
        return False
    return True


if __name__ == "__main__":
    if os.fork() != 0:  # nobody's child, so that no worker has to wait for it
        os._exit(0)
    os.setsid()
    keep(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4]))
