"""What `make faults` does for an hour, for some seconds; and that it sees each guard that is broken."""

import subprocess
import sys
from pathlib import Path

import pytest
import pytest_asyncio

from tests.faults.bench import Bench
from tests.faults.databases import Sqlite
from tests.faults.guards import BROKEN
from tests.faults.points import POINTS
from tests.faults.run import run_points
from tests.faults.supervised import nursery
from tests.faults.table import Result
from tests.faults.trials import Trial

in_one_loop = pytest.mark.asyncio(loop_scope="module")  # the bots are forked from one process

ROOT = Path(__file__).parents[2]
# One of each way to lose or double something: before and after a commit, in a step, between two, and around Slack.
KILLED_AT = ("intake-uncommitted", "intake-committed", "analyse-noted", "conclude-unnoted", "triage-posted")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bots():
    async with nursery() as forking:
        yield forking


async def killed(bots, folder, *names, **settings) -> list[Result]:
    points = [point for point in POINTS if point.name in names]
    assert len(points) == len(names)
    return await run_points(Bench(bots, Sqlite(folder), folder, [1], settings=settings), points, lanes=1)


def sentences(results) -> list[str]:
    return [sentence for result in results for sentence in result.sentences]


@in_one_loop
async def test_nothing_is_lost_doubled_or_repeated(bots, tmp_path):
    results = await killed(bots, tmp_path, *KILLED_AT)
    assert sentences(results) == []
    assert all(result.is_clean for result in results)


@pytest.mark.parametrize(
    ("guard", "point", "seen"),
    [("intent", "triage-posted", "doubled: 2 x triage:"), ("steps", "analyse-noted", "repeated: begin of ")],
)
@in_one_loop
async def test_a_broken_guard_is_seen(bots, tmp_path, guard, point, seen):
    results = await killed(bots, tmp_path, point, **{BROKEN: guard})
    assert any(seen in sentence for sentence in sentences(results)), sentences(results)


@in_one_loop
async def test_a_point_that_is_never_reached_is_no_success(bots, tmp_path, monkeypatch):
    monkeypatch.setattr("tests.faults.lane.DEADLINE_SECONDS", 0.2)
    results = await killed(bots, tmp_path, "change-posted")
    assert any("the point was never reached" in sentence for sentence in sentences(results))


def test_a_table_without_trials_is_no_success():
    assert not Result("nothing", "sqlite").is_clean
    assert Result("something", "sqlite", [Trial()]).is_clean


def test_the_command_names_its_checks_and_refuses_others():
    listed = subprocess.run(
        [sys.executable, "-m", "tests.faults", "--list"], check=True, cwd=ROOT, capture_output=True, text=True
    )
    assert [line.split()[0] for line in listed.stdout.splitlines()][: len(POINTS)] == [point.name for point in POINTS]
    refused = subprocess.run(
        [sys.executable, "-m", "tests.faults", "--only", "nowhere"],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert refused.returncode == 1
    assert "no check named nowhere" in refused.stderr
