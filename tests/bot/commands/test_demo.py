"""`make demo` as a newcomer has it: one command, an address, Ctrl-C."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

DEADLINE_SECONDS = 60
DEMO = [sys.executable, "-m", "bot.cli", "demo", "--no-browser"]


def two_free_ports():
    """A port with a free one right before it."""
    while True:
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            try:
                other.bind(("127.0.0.1", port - 1))
            except OSError:
                continue
            return port


@contextlib.contextmanager
def start(tmp_path, *words, **environment):
    """The demo, with Ctrl-C ignored as it is for what a shell starts in the background; ended whatever happens."""
    with subprocess.Popen(
        ["sh", "-c", "trap '' INT; exec \"$@\"", "sh", *DEMO, *words], cwd=tmp_path,
        env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as demo:  # fmt: skip
        try:
            yield demo
        finally:
            demo.terminate()


def read_until(process, words):
    shown = ""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while words not in shown and time.monotonic() < deadline:
        line = process.stdout.readline()
        if not line:
            break
        shown += line
    assert words in shown, shown
    return shown


def test_the_demo_prints_where_to_look_works_and_stops_on_ctrl_c(tmp_path):
    port = two_free_ports()
    with start(
        tmp_path, "--port", str(port), SLACK_BOT_TOKEN="xoxb-somebody-elses", DATABASE_URL="postgresql://x/y"
    ) as demo:
        shown = read_until(demo, "Ctrl-C stops everything")
        assert f"http://127.0.0.1:{port}/" in shown
        page = f"http://127.0.0.1:{port}"
        command = {"user": "U0ALICE", "channel": "C0INCIDENTS", "command": "/incident", "text": "checkout fails"}
        assert httpx.post(f"{page}/people/command", json=command, timeout=10).json() == {"ok": True}
        demo.send_signal(signal.SIGINT)
        rest, _ = demo.communicate(timeout=DEADLINE_SECONDS)
    assert demo.returncode == 0
    assert "Stopped." in rest
    assert "Traceback" not in shown + rest
    for gone in (port, port - 1):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", gone)) != 0
    assert {path.name for path in (Path(tmp_path) / "sample-logs").iterdir()} >= {"checkout-api.log", "postgres.log"}


def test_a_taken_port_is_one_sentence(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        demo = subprocess.run([*DEMO, "--port", str(port)], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert demo.returncode == 1
    assert demo.stderr.startswith(f"Error: Port {port} is taken by another program")
    assert demo.stderr.count("\n") == 1
    assert "Traceback" not in demo.stderr + demo.stdout


def test_a_part_that_does_not_start_is_named_with_its_last_words(tmp_path):
    with start(tmp_path, "--port", str(two_free_ports()), TRIAGE_LOG_LEVEL="LOUD") as demo:
        shown, _ = demo.communicate(timeout=DEADLINE_SECONDS)
    assert demo.returncode == 1
    assert "bot.log ends with" in shown
    assert "TRIAGE_LOG_LEVEL='LOUD' cannot be used" in shown
    assert "Traceback" not in shown
