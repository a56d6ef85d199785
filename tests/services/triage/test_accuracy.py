"""Precision by kind and version: a finding counts once, by the majority, and few of them prove little."""

import pytest

from models.triage import Opinion
from services.triage.accuracy import Precision, measure_accuracy
from services.triage.feedback import give_feedback
from tests.services.triage.uploads import add_findings

R, W = Opinion.RIGHT, Opinion.WRONG


async def judged(database, incident, kind, *opinions, version="0.1.0"):
    run = await add_findings(database, incident, kind, "another", engine_version=version)
    async with database.write() as session:
        for number, opinion in enumerate(opinions):
            await give_feedback(session, run_id=run.id, opinion=opinion, user=f"U{number}")
        await session.commit()


async def measured(database):
    async with database.read() as session:
        return await measure_accuracy(session)


@pytest.mark.asyncio
async def test_a_finding_counts_once_by_the_majority(database, incident):
    await judged(database, incident, "lock", R, R, W)
    await judged(database, incident, "lock", W)
    await judged(database, incident, "lock", R, W)
    await judged(database, incident, "lock")
    accuracy = await measured(database)
    (lock,) = accuracy.kinds
    assert (lock.kind, lock.overall) == ("lock", Precision(right=1, wrong=1, disputed=1))
    assert accuracy.shown == 4


@pytest.mark.asyncio
async def test_kinds_and_versions_are_told_apart(database, incident):
    await judged(database, incident, "timeout", R, version="0.1.0")
    await judged(database, incident, "lock", W, version="0.1.0")
    await judged(database, incident, "lock", R, version="0.2.0")
    accuracy = await measured(database)
    by_version = {kind.kind: kind.by_version for kind in accuracy.kinds}
    assert list(by_version) == ["lock", "timeout"]
    assert by_version["lock"] == {"0.1.0": Precision(wrong=1), "0.2.0": Precision(right=1)}
    assert list(by_version["lock"]) == ["0.1.0", "0.2.0"]
    assert accuracy.overall == Precision(right=2, wrong=1)


@pytest.mark.asyncio
async def test_before_anybody_said_anything_there_is_nothing_to_measure(database, incident):
    await judged(database, incident, "lock")
    accuracy = await measured(database)
    assert (accuracy.shown, accuracy.kinds, accuracy.overall.share, accuracy.overall.bounds) == (1, [], None, None)


def test_only_what_is_decided_makes_the_share():
    assert Precision(right=3, wrong=1, disputed=5).share == 0.75
    assert Precision(disputed=5).share is None


@pytest.mark.parametrize(
    ("precision", "bounds"),  # from the tables of Wilson's interval
    [
        (Precision(right=1), (0.207, 1.0)),
        (Precision(right=8, wrong=2), (0.490, 0.943)),
        (Precision(wrong=4), (0, 0.490)),
    ],
)
def test_few_findings_prove_little(precision, bounds):
    assert precision.bounds == pytest.approx(bounds, abs=0.001)
