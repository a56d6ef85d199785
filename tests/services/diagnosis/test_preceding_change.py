import pytest

from services.diagnosis.diagnose import diagnose

SERVED = "INFO org.x.Api - request {minute} served"


def log(*events, minutes=60):
    """Ordinary lines of a service twice a minute, and (minute, second, text) among them."""
    told = [(minute, second, SERVED.format(minute=minute)) for minute in range(minutes) for second in (0, 30)]
    return [f"2026-11-22 07:{minute:02d}:{second:02d} {text}" for minute, second, text in sorted([*told, *events])]


TROUBLE = [(minute, 40, "ERROR org.x.Store - lost the connection to the store") for minute in range(40, 60)]


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("INFO org.x.Main - deployed version 2.4 to production", "deploy"),
        ("INFO org.x.Flyway - migrating schema shop to version 41", "migration"),
        ("INFO org.x.Config - configuration reloaded from disk", "configuration"),
        ("INFO org.x.Cluster - failover: promoted replica 2", "failover"),
        ("INFO org.x.Raft - node 3 became leader in term 9", "leader election"),
    ],
)
def test_the_change_just_before_is_named_with_its_line(diagnosed, text, change):
    lines = log((39, 10, text), *TROUBLE)
    diagnosis = diagnosed(lines)
    line = next(number for number, line in enumerate(lines) if text in line)
    first, told = diagnosis.findings[0], f"hange: {change} at 2026-11-22 07:39:10 UTC, app.log:{line + 1}"
    assert told in first.summary
    assert line in [evidence.ref.line for evidence in first.evidence]
    assert any(told in entry.text for entry in diagnosis.timeline)


@pytest.mark.parametrize(
    "changes",
    [
        [],
        [(20, 10, "INFO org.x.Config - configuration reloaded from disk")],  # long before
        [(45, 10, "INFO org.x.Config - configuration reloaded from disk")],  # afterwards
        [(minute, 10, "INFO org.x.Config - configuration reloaded from disk") for minute in range(60)],  # all day
    ],
)
def test_no_change_is_named_where_none_came_just_before(diagnosed, changes):
    diagnosis = diagnosed(log(*changes, *TROUBLE))
    assert "hange:" not in diagnosis.findings[0].summary
    assert not any("hange:" in entry.text for entry in diagnosis.timeline)


def test_a_change_of_another_file_is_named_by_that_file(scanned):
    deploys = [f"2026-11-22 07:{minute:02d}:00 INFO watching the cluster" for minute in range(60)]
    deploys.insert(40, "2026-11-22 07:39:20 INFO rollout of api 2.4 began")
    first = diagnose([scanned(log(*TROUBLE), "api.log"), scanned(deploys, "deploys.log")]).findings[0]
    assert "change: deploy at 2026-11-22 07:39:20 UTC, deploys.log:41" in first.summary


def test_what_the_change_was_is_quoted(diagnosed):
    lines = log(
        (39, 10, "INFO org.x.Config - configuration reloaded from disk"), (39, 30, "FATAL org.x.Store - lost"), *TROUBLE
    )
    first = diagnosed(lines).findings[0]
    assert first.title == "lost"
    assert first.summary.endswith(
        "Just before it, change: configuration at 2026-11-22 07:39:10 UTC, app.log:80: configuration reloaded from disk"
    )


def test_that_it_was_made_again_afterwards_is_no_excuse(diagnosed):
    migration = "INFO org.x.Flyway - ALTER TABLE orders ADD note text"
    diagnosis = diagnosed(log((39, 50, migration), (55, 10, migration), *TROUBLE))
    assert "hange: migration at 2026-11-22 07:39:50 UTC" in diagnosis.findings[0].summary
