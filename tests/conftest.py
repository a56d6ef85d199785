"""The ground every test stands on: only loopback, a real Postgres, a real browser, and no silent skips."""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from hypothesis import settings

from tests.support import chromium, postgres
from tests.support.machine import UnavailableError, once

pytest_plugins = ["tests.support.migrated"]

# The same examples in every run: a test that fails now and then helps nobody. `--hypothesis-profile=explore` looks further.
settings.register_profile("same", derandomize=True)
settings.register_profile("explore", max_examples=5_000, deadline=None)
settings.load_profile("same")

LOOPBACK = "127.0.0.0/8,::1,localhost"
RUN_DIRECTORY = pytest.StashKey[Path]()
NEEDED = ("Postgres", "Chromium")
OUR_SETTINGS = ("TRIAGE_", "SLACK_", "DATABASE_URL")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    config.option.allow_hosts = LOOPBACK  # before pytest-socket reads them
    config.option.allow_unix_socket = True
    _forget_the_developers_settings()
    if hasattr(config, "workerinput"):
        config.stash[RUN_DIRECTORY] = Path(config.workerinput["run_directory"])
        return
    directory = Path(tempfile.mkdtemp(prefix="triage-tests-"))
    directory.chmod(0o755)  # the server runs as somebody else when the tests run as root
    (directory / "alive").write_text(str(os.getpid()))
    config.stash[RUN_DIRECTORY] = directory


def _forget_the_developers_settings():
    """A test sets what it needs: nobody's real workspace or database may be reached from here."""
    for name in list(os.environ):
        if name.startswith(OUR_SETTINGS) and not name.startswith("TRIAGE_TEST_"):
            del os.environ[name]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    node.workerinput["run_directory"] = str(node.config.stash[RUN_DIRECTORY])


def pytest_unconfigure(config):
    """Tell the server's keeper that the run is over, and wait until it has tidied up."""
    if hasattr(config, "workerinput"):
        return
    directory = config.stash[RUN_DIRECTORY]
    with contextlib.suppress(FileNotFoundError):
        (directory / "alive").unlink()
    deadline = time.monotonic() + postgres.STOP_SECONDS
    while (directory / "postgres").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    shutil.rmtree(directory, ignore_errors=True)


def pytest_terminal_summary(terminalreporter):
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = [str(report.longrepr[2]) for report in skipped if isinstance(report.longrepr, tuple)]
    for name in NEEDED:
        of_this = [reason for reason in reasons if f"{name}: not available because " in reason]
        if of_this:
            line = f"{of_this[0].removeprefix('Skipped: ')}; {len(of_this)} tests did not run"
            terminalreporter.write_line(line, yellow=True, bold=True)


def _provided(request, name, make):
    """What `make` provides for this run; where it cannot, the test is skipped, or fails if nothing may be missing."""
    capture = request.config.pluginmanager.getplugin("capturemanager")
    try:
        with capture.global_and_fixture_disabled():  # an installation takes a while and says so
            return once(request.config.stash[RUN_DIRECTORY], name.lower(), make)
    except UnavailableError as reason:
        sentence = f"{name}: not available because {reason}"
    if os.environ.get("TRIAGE_TEST_REQUIRE") == "all":
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


@pytest.fixture(scope="session")
def postgres_server(request) -> str:
    """The base URL of a running server, `postgresql://user@127.0.0.1:port`, with a database `postgres` for administration."""
    return _provided(request, "Postgres", lambda: postgres.start(request.config.stash[RUN_DIRECTORY]))


@pytest.fixture(scope="session")
def chromium_path(request) -> str:
    """The path of a Chromium or Chrome; as root it needs `--no-sandbox`."""
    return _provided(request, "Chromium", chromium.provide_chromium)


@pytest.fixture(scope="session")
def _administration(postgres_server) -> Iterator[psycopg.Connection]:
    with psycopg.connect(f"{postgres_server}/postgres", autocommit=True) as connection:
        yield connection


@pytest.fixture
def postgres_url(postgres_server, _administration) -> Iterator[str]:
    """An empty database of its own for the test, as SQLAlchemy names it."""
    name = f"test_{uuid4().hex}"
    _administration.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    yield f"{postgres_server.replace('postgresql:', 'postgresql+asyncpg:')}/{name}"
    _administration.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def sqlite_url(tmp_path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'triage.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request) -> str:
    """An empty database, once SQLite and once Postgres: a test that takes it runs on both."""
    return request.getfixturevalue(f"{request.param}_url")
