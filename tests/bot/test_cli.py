import gc
import subprocess
import sys

import click
import pytest

from bot.cli import main

UNNEEDED = {"numpy", "numba", "sqlalchemy", "fastapi", "slack_sdk", "rich"}


@pytest.fixture
def threshold():
    """Python's own setting, which is put back."""
    before = gc.get_threshold()
    yield before[0]
    gc.set_threshold(*before)


def test_the_commands_that_read_look_for_cycles_seldom(threshold):
    with click.Context(main) as ctx:
        assert main.get_command(ctx, "serve").name == "serve"
        assert gc.get_threshold()[0] == threshold
        assert main.get_command(ctx, "analyze").name == "analyze"
        assert gc.get_threshold()[0] > 100 * threshold


def test_an_unknown_command_is_none():
    with click.Context(main) as ctx:
        assert main.get_command(ctx, "nothing") is None


def test_a_small_log_is_analysed_without_what_only_others_need(tmp_path):
    log = tmp_path / "app.log"
    log.write_text("2026-03-01 00:00:00 ERROR no connection\n")
    script = (
        "import sys; from bot.cli import main\n"
        "main(['analyze', '--format', 'json', sys.argv[1]], standalone_mode=False)\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", script, str(log)], capture_output=True, text=True, check=True)
    assert not UNNEEDED & set(ended.stderr.split())
