import asyncio
import contextlib
import gc
import os
import signal
import socket
import subprocess
import sys
import time
import warnings

import httpx
import pytest
from websockets.asyncio.client import connect

from sandbox.config import NotLoopback, is_loopback
from sandbox.server import PortTaken, SandboxConfig, running_sandbox

QUICK_SECONDS = 2.0  # generous for a busy machine; a wait for open streams would last far longer


def start(*arguments):
    command = [sys.executable, "-m", "sandbox", "--port", "0", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def address(process):
    return process.stdout.readline().split()[4]


@pytest.mark.asyncio
async def test_starting_and_stopping_in_a_running_loop_is_quick():
    started = time.monotonic()
    async with running_sandbox(SandboxConfig()) as sandbox:
        assert time.monotonic() - started < 0.5
        assert sandbox.api_url == f"{sandbox.url}/api/"
        stopping = time.monotonic()
    assert time.monotonic() - stopping < 0.5


@pytest.mark.asyncio
@pytest.mark.parametrize("rounds", range(5))
async def test_a_connection_made_in_the_moment_it_stops_is_closed(rounds):
    with warnings.catch_warnings(record=True) as left_open:
        warnings.simplefilter("always")
        async with running_sandbox(SandboxConfig()) as sandbox:
            client = socket.create_connection(("127.0.0.1", int(sandbox.url.rpartition(":")[2])), timeout=5)
            for _ in range(rounds):
                await asyncio.sleep(0)
        with client, contextlib.suppress(ConnectionResetError):
            assert client.recv(1) == b""
        gc.collect()
    assert [str(warning.message) for warning in left_open] == []


@pytest.mark.asyncio
async def test_two_at_a_time_know_nothing_of_each_other():
    async with running_sandbox(SandboxConfig()) as one, running_sandbox(SandboxConfig()) as two:
        assert one.url != two.url
        one.workspace.channels.clear()
        assert two.workspace.channels


@pytest.mark.asyncio
async def test_a_taken_port():
    async with running_sandbox(SandboxConfig()) as sandbox:
        port = int(sandbox.url.rsplit(":", 1)[1])
        with pytest.raises(PortTaken, match=f"port {port} on 127.0.0.1 is taken"):
            async with running_sandbox(SandboxConfig(port=port)):
                pass


def test_a_taken_port_on_the_command_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = subprocess.run(
            [sys.executable, "-m", "sandbox", "--port", port], capture_output=True, text=True, check=False
        )
    assert ended.returncode == 2
    assert ended.stderr.splitlines() == [
        f"sandbox: port {port} on 127.0.0.1 is taken; choose another with --port, or 0 for a free one"
    ]


def test_a_manifest_that_is_not_there():
    process = start("--manifest", "nowhere.yml")
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 2
    assert errors.startswith("sandbox: cannot read the app manifest nowhere.yml")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.1", "example.org", "::"])  # addresses that must be refused
def test_only_loopback_is_listened_on(host):
    assert not is_loopback(host)
    with pytest.raises(NotLoopback, match="stays on loopback"):
        SandboxConfig(host=host)


@pytest.mark.asyncio
async def test_only_to_loopback_it_delivers():
    with pytest.raises(NotLoopback, match="example"):
        SandboxConfig(app_url="https://example.org/slack")
    async with running_sandbox(SandboxConfig()) as sandbox:
        with pytest.raises(NotLoopback):
            sandbox.app_url = "http://192.168.1.1/"


@pytest.mark.asyncio
async def test_ipv6_loopback():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    async with running_sandbox(SandboxConfig(host="::1")) as sandbox, httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"{sandbox.url}/people/state")).status_code == 200


@pytest.mark.asyncio
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_it_at_once_with_a_stream_a_socket_and_a_hanging_call_open(number):
    process = start("--mode", "socket")
    url = await asyncio.to_thread(address, process)
    config = SandboxConfig()
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=20) as client:
        await client.post("/people/faults", json={"target": "auth.test", "kind": "timeout", "seconds": 60})
        headers = {"authorization": f"Bearer {config.app_token}"}
        link = (await client.post("/api/apps.connections.open", headers=headers)).json()["url"]
        async with client.stream("GET", "/people/stream?user=U0ALICE") as stream, connect(link, proxy=None) as opened:
            await anext(stream.aiter_lines())
            await opened.recv()
            hanging = asyncio.create_task(client.post("/api/auth.test"))
            await _taken(client)
            told = time.monotonic()
            os.kill(process.pid, number)
            _, errors = await asyncio.to_thread(process.communicate, timeout=20)
            assert time.monotonic() - told < QUICK_SECONDS
            with pytest.raises(httpx.HTTPError):
                await hanging
    assert (process.returncode, errors) == (0, "")


async def _taken(client):
    """Until the fault has struck, so that the call hangs."""
    deadline = time.monotonic() + 5
    while (await client.get("/people/faults")).json()["faults"]:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


@pytest.mark.asyncio
async def test_uploads_leave_nothing_behind(tmp_path):
    async with running_sandbox(SandboxConfig(spool=tmp_path)) as sandbox, httpx.AsyncClient() as client:
        body = {"user": "U0ALICE", "channel": "C0INCIDENTS"}
        await client.post(f"{sandbox.url}/people/upload", data=body, files={"file": ("a.log", b"abc")})
        assert [path.read_bytes() for path in tmp_path.glob("*/*")] == [b"abc"]
    assert [*tmp_path.iterdir()] == []


@pytest.mark.asyncio
async def test_answers_do_not_wait_for_the_other_sides_acknowledgement():
    async with running_sandbox(SandboxConfig()) as sandbox, httpx.AsyncClient(trust_env=False) as client:
        seconds = []
        for _ in range(20):
            started = time.perf_counter()
            await client.get(f"{sandbox.url}/people/faults")
            seconds.append(time.perf_counter() - started)
    assert sorted(seconds)[5] < 0.03  # Nagle's algorithm and a delayed ACK cost 40 ms together
