"""The sample logs tell one story, and tell it again in the same words."""

import json
import re
import subprocess
import sys
from datetime import datetime

import pytest

from sandbox.samples.__main__ import size
from sandbox.samples.story import write_samples

FILES = ("checkout-api.log", "postgres.log", "nginx.log")
OUTAGE_BEGINS, OUTAGE_ENDS = "14:06", "14:27"
TIME_OF = {
    "checkout-api.log": re.compile(r"^\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)"),
    "postgres.log": re.compile(r"^\d{4}-\d\d-\d\d (\d\d:\d\d:\d\d)"),
    "nginx.log": re.compile(r"(?:^\d{4}/\d\d/\d\d |\[12/Mar/2026:)(\d\d:\d\d:\d\d)"),
}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    directory = tmp_path_factory.mktemp("samples")
    return directory, write_samples(directory)


@pytest.fixture(scope="module")
def folder(written):
    return written[0]


@pytest.fixture(scope="module")
def story(written):
    return written[1]


def lines_of(folder, name) -> list[str]:
    return (folder / name).read_text().splitlines()


def test_the_folder_holds_the_logs_and_nothing_a_newcomer_would_take_for_one(folder):
    assert {path.name for path in folder.iterdir()} == set(FILES)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(folder, story, tmp_path):
    assert write_samples(tmp_path / "again") == story
    assert write_samples(tmp_path / "other", seed=8) != story
    for name in FILES:
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()
        assert (tmp_path / "other" / name).read_bytes() != (folder / name).read_bytes()


@pytest.mark.parametrize("name", FILES)
def test_a_log_is_of_a_size_people_drop_into_a_thread(folder, name):
    assert 1_000_000 < (folder / name).stat().st_size < 3_000_000


@pytest.mark.parametrize("name", FILES)
def test_time_runs_forward(folder, name):
    times = [match[1] for line in lines_of(folder, name) if (match := TIME_OF[name].search(line))]
    assert len(times) > 4000
    assert times == sorted(times)


def test_the_answer_sheet_names_lines_that_are_there(folder, story):
    for note in story["evidence"]:
        assert lines_of(folder, note["file"])[note["line"] - 1] == note["text"]


def test_the_evidence_is_in_every_log_and_begins_with_the_migration(story):
    assert {note["file"] for note in story["evidence"]} == set(FILES)
    assert "AccessExclusiveLock" in story["evidence"][0]["text"]
    assert story["evidence"][0]["file"] == "postgres.log"
    assert story["began_at"] == story["evidence"][0]["at"]
    assert datetime.fromisoformat(story["began_at"]) < datetime.fromisoformat(story["first_failure_at"])


def test_nothing_of_the_outage_shows_before_it_began(folder, story):
    before = [
        line
        for name in FILES
        for line in lines_of(folder, name)
        if (match := TIME_OF[name].search(line)) and match[1] < OUTAGE_BEGINS
    ]
    for symptom in ("still waiting", "remaining connection slots", "Connection is not available", '" 504 ', '" 502 '):
        assert not any(symptom in line for line in before), symptom


def test_red_herrings_are_there_before_the_outage_and_after_it(folder, story):
    for herring in story["red_herrings"]:
        lines = lines_of(folder, herring["file"])
        places = [number for number, line in enumerate(lines) if herring["contains"] in line]
        assert places, herring
        times = [TIME_OF[herring["file"]].search(line) for line in lines[: places[0] + 1]]
        assert next(time for time in reversed(times) if time)[1] < OUTAGE_BEGINS
        assert places[-1] > len(lines) / 2


def test_the_shop_recovers(folder):
    statuses = [
        match[1]
        for line in lines_of(folder, "nginx.log")
        if (match := re.search(r'HTTP/1\.1" (\d{3}) ', line)) and TIME_OF["nginx.log"].search(line)[1] > "14:31"
    ]
    assert len(statuses) > 500
    assert {status for status in statuses if status >= "499"} == set()


def test_the_migration_ends_when_the_report_is_terminated(folder):
    log = (folder / "postgres.log").read_text()
    assert log.index("metabase@shop FATAL") < log.index("migrator@shop LOG:  disconnection")


def test_a_failed_request_can_be_followed_through_all_three_logs(folder):
    waiting = re.findall(r"request_id='(\w{16})'", (folder / "postgres.log").read_text())
    application, proxy = ((folder / name).read_text() for name in ("checkout-api.log", "nginx.log"))
    followed = [request for request in set(waiting) if f"rid={request}" in proxy]
    assert len(followed) == len(set(waiting))
    placed = re.findall(r"\[(\w{16})\] c\.e\.shop\.order\.OrderService", application)
    assert all(f"rid={request}" in proxy for request in placed[:200])


def test_the_connection_limit_holds(folder):
    """As many connections as the database allows, counted from its own log, and not one more."""
    opened = 0
    highest = 0
    for line in lines_of(folder, "postgres.log"):
        opened += "connection authorized" in line
        opened -= "disconnection:" in line or "FATAL: " in line
        highest = max(highest, opened)
    connections_before_the_log_begins = 3 * 20 + 16
    assert highest + connections_before_the_log_begins == 97 + 1  # the refused one is counted for a moment


def test_stack_traces_follow_their_message(folder):
    lines = lines_of(folder, "checkout-api.log")
    frames = [number for number, line in enumerate(lines) if line.startswith("\tat ")]
    assert len(frames) > 500
    assert all(lines[number - 1][:1] in ("\t", "o", "C", "j") for number in frames)


def test_a_larger_size_is_the_same_story_of_a_busier_shop(tmp_path):
    folder, story = tmp_path / "logs", tmp_path / "story.json"
    command = [sys.executable, "-m", "sandbox.samples", str(folder), "--size", "20M", "--story", str(story)]
    subprocess.run(command, check=True)
    assert {path.name for path in folder.iterdir()} == set(FILES)
    assert 16_000_000 < sum(path.stat().st_size for path in folder.iterdir()) < 24_000_000
    assert json.loads(story.read_text())["began_at"].startswith("2026-03-12T14:06:0")


@pytest.mark.parametrize(("text", "count"), [("500", 500), ("20k", 20_000), ("20M", 20_000_000), ("1GB", 10**9)])
def test_sizes_are_read(text, count):
    assert size(text) == count


@pytest.mark.parametrize("text", ["0", "-1M", "many", "1T"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(Exception, match="is not a size"):
        size(text)
