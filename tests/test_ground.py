"""The ground the other tests stand on: loopback only, databases of one's own, and skips that say why."""

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.support import chromium, postgres
from tests.support.machine import UnavailableError, once

ELSEWHERE = ("192.0.2.1", 9)  # TEST-NET-1: belongs to nobody


def test_a_connection_that_leaves_the_machine_is_refused():
    with pytest.raises((RuntimeError, UserWarning), match=re.escape(ELSEWHERE[0])), socket.socket() as outbound:
        outbound.connect(ELSEWHERE)


@pytest.mark.asyncio
async def test_asyncio_cannot_leave_the_machine_either():
    with pytest.raises((RuntimeError, UserWarning), match=re.escape(ELSEWHERE[0])):
        await asyncio.open_connection(*ELSEWHERE)


@pytest.mark.asyncio
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_loopback_is_open(host):
    async def greet(_reader, writer):
        writer.write(b"hello")
        writer.close()

    async with await asyncio.start_server(greet, host, 0, family=socket.AF_INET) as server:
        reader, writer = await asyncio.open_connection(host, server.sockets[0].getsockname()[1])
        assert await reader.read() == b"hello"
        writer.close()


@pytest.mark.asyncio
async def test_unix_sockets_are_open(tmp_path):
    server = await asyncio.start_unix_server(lambda _reader, writer: writer.close(), tmp_path / "socket")
    async with server:
        reader, writer = await asyncio.open_unix_connection(tmp_path / "socket")
        assert await reader.read() == b""
        writer.close()


@pytest.mark.asyncio
async def test_a_database_is_empty_and_writable(database_url):
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE incident (ref TEXT)"))
        await connection.execute(text("INSERT INTO incident VALUES ('INC-1')"))
        assert await connection.scalar(text("SELECT count(*) FROM incident")) == 1
    await engine.dispose()


@pytest.fixture
def left_in_use():
    """Connections that are still open when the database they belong to is dropped."""
    connections = []
    yield connections
    for connection in connections:
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
        connection.close()


def test_a_database_is_dropped_even_when_the_test_left_it_in_use(left_in_use, postgres_url):
    connection = psycopg.connect(postgres_url.replace("+asyncpg", ""))
    assert connection.execute("SHOW fsync").fetchone() == ("off",)
    left_in_use.append(connection)


def test_what_several_processes_need_is_made_once(tmp_path):
    made = []

    def make():
        made.append(threading.get_ident())
        return "there"

    threads = [threading.Thread(target=once, args=(tmp_path, "thing", make)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert once(tmp_path, "thing", make) == "there"


def test_the_reason_why_something_is_missing_reaches_every_process(tmp_path):
    def fail():
        raise UnavailableError("there is none")

    for _ in range(2):
        with pytest.raises(UnavailableError, match="there is none"):
            once(tmp_path, "thing", fail)


def test_a_browser_can_be_named(monkeypatch, tmp_path):
    monkeypatch.setenv("CHROMIUM", sys.executable)
    assert chromium.provide_chromium() == sys.executable
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "none"))
    with pytest.raises(UnavailableError, match="not a program"):
        chromium.provide_chromium()


@pytest.fixture
def run_pytest(tmp_path):
    """Run pytest on a test file of its own, with our conftest, on a machine where CHROMIUM names nothing."""
    (tmp_path / "conftest.py").write_text("from tests.conftest import *\n")
    (tmp_path / "test_it.py").write_text("def test_one(chromium_path): pass\ndef test_two(chromium_path): pass\n")

    def run(*options, **environment):
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options, str(tmp_path)]
        settings = {**os.environ, "CHROMIUM": "/nowhere", "TRIAGE_TEST_REQUIRE": "", **environment}
        return subprocess.run(command, check=False, cwd=tmp_path, env=settings, capture_output=True, text=True)

    return run


@pytest.mark.parametrize("options", [(), ("-n", "2")])
def test_the_summary_names_what_was_missing(run_pytest, options):
    run = run_pytest(*options)
    assert run.returncode == 0, run.stdout + run.stderr
    expected = "Chromium: not available because CHROMIUM names /nowhere, which is not a program; 2 tests did not run"
    assert expected in run.stdout


def test_a_developers_settings_do_not_reach_the_tests(run_pytest, tmp_path):
    (tmp_path / "test_it.py").write_text("import os\ndef test_it(): assert 'SLACK_BOT_TOKEN' not in os.environ\n")
    run = run_pytest(SLACK_BOT_TOKEN="xoxb-of-somebody")
    assert "1 passed" in run.stdout


def test_nothing_may_be_missing_where_all_is_required(run_pytest):
    run = run_pytest(TRIAGE_TEST_REQUIRE="all")
    assert run.returncode == 1
    assert "2 errors" in run.stdout


@pytest.fixture
def run_directory():
    """Like the one of a real run: under a folder that the unprivileged server may enter, as pytest's own is not."""
    directory = Path(tempfile.mkdtemp(prefix="triage-tests-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


def test_the_server_goes_when_the_run_is_killed(run_directory, postgres_server):
    """`postgres_server` is asked for so that this is skipped where there is none; the one killed here is another."""
    run = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (run_directory / "alive").write_text(str(run.pid))
    url = postgres.start(run_directory)
    psycopg.connect(f"{url}/postgres").close()
    run.kill()
    run.wait()
    deadline = time.monotonic() + 2 * postgres.STOP_SECONDS
    while run_directory.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not run_directory.exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"{url}/postgres")
