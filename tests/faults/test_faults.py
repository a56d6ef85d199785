"""What `make faults` does for an hour, for some seconds; and that it sees each guard that is broken."""

import json
import sys

import pytest
import pytest_asyncio

from tests.faults.__main__ import main
from tests.faults.bench import Bench
from tests.faults.databases import Postgres, Sqlite
from tests.faults.guards import BROKEN, CONSTANTS
from tests.faults.moments import Moment
from tests.faults.points import POINTS, Point
from tests.faults.run import CHECKS, run_check, run_points
from tests.faults.supervised import nursery
from tests.faults.table import Result
from tests.faults.trials import Trial

in_one_loop = pytest.mark.asyncio(loop_scope="module")  # the bots are forked from one process

# One of each way to lose, repeat or double something: before the answer to Slack, between two steps, between a commit and
# its note, and between Slack's answer and its note.
KILLED_AT = ("intake-committed", "analyse-noted", "conclude-unnoted", "triage-posted")

LONG_ENOUGH_SECONDS = 8.0  # to take over from a heart that should beat every 0.2 s


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
    [("intent", "triage-posted", "doubled: 2 x triage:"), ("steps", "analyse-noted", "repeated: fetch of ")],
)
@in_one_loop
async def test_a_broken_guard_is_seen(bots, tmp_path, guard, point, seen):
    results = await killed(bots, tmp_path, point, **{BROKEN: guard})
    assert any(seen in sentence for sentence in sentences(results)), sentences(results)


@in_one_loop
async def test_an_inbox_that_knows_nothing_is_seen(bots, tmp_path):
    """The one guard that no kill needs: the same command twice is one incident."""
    check = next(check for check in CHECKS if check.name == "twice")
    whole = await run_check(Bench(bots, Sqlite(tmp_path), tmp_path, [1]), check)
    assert whole.sentences == []
    broken = await run_check(Bench(bots, Sqlite(tmp_path), tmp_path, [1], settings={BROKEN: "inbox"}), check)
    assert any("doubled: 2 cards" in sentence for sentence in broken.sentences), broken.sentences


@in_one_loop
async def test_a_dead_workers_job_is_taken_over_and_a_reaper_that_sleeps_is_seen(bots, tmp_path, postgres_server):
    """With hearts that beat ten times as fast."""
    check = next(check for check in CHECKS if check.name == "take-over")
    hasty = {CONSTANTS: json.dumps({"services.jobs.heartbeats:BEAT_SECONDS": 0.2})}
    whole = await run_check(Bench(bots, Postgres(postgres_server), tmp_path, [1], settings=hasty), check)
    assert whole.sentences == []
    settings = {**hasty, BROKEN: "reaper"}
    asleep = Bench(
        bots, Postgres(postgres_server), tmp_path, [1], deadline_seconds=LONG_ENOUGH_SECONDS, settings=settings
    )
    broken = await run_check(asleep, check)
    assert any("it never came to an end" in sentence for sentence in broken.sentences), broken.sentences


@in_one_loop
async def test_a_point_that_is_never_reached_is_no_success(bots, tmp_path):
    nowhere = Point("nowhere", "in a step that there is not", Moment("step:nowhere"))
    bench = Bench(bots, Sqlite(tmp_path), tmp_path, [1], deadline_seconds=3)
    (result,) = await run_points(bench, [nowhere], lanes=1)
    assert any("the point was never reached" in sentence for sentence in result.sentences)


def test_a_table_without_trials_is_no_success():
    assert not Result("nothing", "sqlite").is_clean
    assert Result("something", "sqlite", [Trial()]).is_clean


def test_the_command_names_its_checks_and_refuses_others(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["faults", "--list"])
    assert main() == 0
    named = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert named == [each.name for each in (*POINTS, *CHECKS)]
    monkeypatch.setattr(sys, "argv", ["faults", "--only", "nowhere"])
    with pytest.raises(SystemExit, match="no check named nowhere"):
        main()
