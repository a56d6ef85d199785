"""What `make fuzz` does for ten minutes, for a few seconds; and that it would notice."""

import subprocess
import sys
from random import Random

import pytest

from tests.fuzz import trial
from tests.fuzz.bait import bait, owned_patterns
from tests.fuzz.cases import Case, case

UPLOADS = 60


def test_some_hostile_uploads_are_borne(tmp_path):
    outcomes = [trial.try_seed(seed, tmp_path) for seed in range(UPLOADS)]
    assert [outcome.fault for outcome in outcomes if outcome.fault] == []
    assert len({outcome.kind for outcome in outcomes}) >= 5
    assert list(tmp_path.iterdir()) == []


def test_no_pattern_of_ours_hangs_on_its_own_bait():
    """Some are only matched at one place or against short texts, and may take the square of the length here: the
    uploads tell what long lines cost."""
    assert len(owned_patterns()) > 100
    for number, pattern in enumerate(owned_patterns()):
        for attempt in range(3):
            text = bait(pattern, Random(number * 1_000 + attempt), max_chars=2_000)
            with trial.cpu_limit(8.0):
                pattern.sub(
                    *((b"", text.encode("latin-1", "replace")) if isinstance(pattern.pattern, bytes) else ("", text))
                )


def test_a_seed_is_the_same_upload_each_time():
    assert [case(seed) for seed in range(20)] == [case(seed) for seed in range(20)]


def test_what_takes_too_long_is_named_and_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(trial, "LIMIT_SECONDS", 0.001)
    monkeypatch.setattr(trial, "LIMIT_SECONDS_PER_MB", 0.0)
    content = b"ERROR one line and another\n" * 100_000
    outcome = trial.try_case(7, Case("mutated", content, len(content)), tmp_path)
    assert "OverTimeError" in outcome.fault
    assert (tmp_path / "fuzz-7").read_bytes() == content


def test_a_pattern_that_backtracks_for_ever_is_ended():
    import re

    with pytest.raises(trial.OverTimeError), trial.cpu_limit(0.2):
        re.match(r"(a+)+$", "a" * 60 + "!")


def test_the_command_says_what_it_did(tmp_path):
    run = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "--count", "2", "--keep", tmp_path / "kept"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert run.stdout.startswith("2 uploads (")
    assert "0 with faults" in run.stdout
