"""The tables of the accuracy, and labelled logs."""

import io
import json

import pytest
from rich.console import Console

from benchmarks import accuracy
from benchmarks.accuracy_tables import calibration_table, measures_table, missed_table
from benchmarks.incidents.scoring import Score
from benchmarks.incidents.sets import SETS
from benchmarks.labelled_logs import labelled_logs, scored


def shown(*tables) -> str:
    console = Console(width=160, file=io.StringIO())
    console.print(*tables)
    return console.file.getvalue()


def one(confidence, *, is_right, verdict="likely", hit=1.0):
    return Score("case", {"hit@1": hit}, confidence, verdict, is_right, "title")


def test_calibration_sets_what_was_said_beside_what_was_right():
    scores = [one(0.72, is_right=True), one(0.78, is_right=False), one(0.31, is_right=False, verdict="inconclusive")]
    text = shown(calibration_table("calibration", scores))
    rows = [line.split("│")[1:-1] for line in text.splitlines() if line.startswith("│")]
    assert [[cell.strip() for cell in row] for row in rows] == [
        ["0.3 to 0.4", "1", "0.31", "0.00"],
        ["0.7 to 0.8", "2", "0.75", "0.50"],
        ["inconclusive", "1", "0.31", "0.00"],
        ["likely", "2", "0.75", "0.50"],
    ]


def test_measures_are_means_beside_what_is_wanted():
    scores = {"needles": {"tune": [one(0.7, is_right=True), one(0.7, is_right=False, hit=0.0)]}}
    text = shown(measures_table("accuracy", scores, {("needles", "hit@1"): ">= .90"}))
    assert "0.500" in text
    assert ">= .90" in text


def test_what_was_missed_is_told_as_the_log_has_it():
    missed = Score("case", {}, 0.4, "inconclusive", is_right=False, first="[Errno 111] refused", expected="line 7")
    assert "[Errno 111] refused" in shown(missed_table("missed", [missed]))
    assert "line 7" in shown(missed_table("missed", [missed]))


@pytest.mark.parametrize(
    ("letter", "measures", "is_missed"), [("K", {"hit@10": 0.0}, True), ("H", {"sure": 0.0}, False)]
)
def test_a_case_misses_by_what_is_wanted_of_its_set(letter, measures, is_missed):
    assert SETS[letter].is_missed(measures) is is_missed


@pytest.fixture
def folder(tmp_path):
    """A labelled failure in line 30, by its line and by an expression, the former with a good run."""
    lines = [f"2026-03-04 10:00:{i:02d} INFO step {i} done" for i in range(60)]
    (tmp_path / "good.log").write_text("\n".join(lines))
    lines[29] = "2026-03-04 10:00:29 ERROR connect ECONNREFUSED 10.0.0.1:5432"
    (tmp_path / "bad.log").write_text("\n".join(lines))
    cases = [
        {"bench": "ci", "id": "one", "log": "bad.log", "baseline_log": "good.log", "spans": [[30, 31]]},
        {"bench": "service", "id": "two", "log": "bad.log", "must_cite": ["ECONNREFUSED", "never said"]},
    ]
    (tmp_path / "cases.jsonl").write_text("\n".join(map(json.dumps, cases)))
    return tmp_path


def test_labelled_logs_are_scored_by_lines_or_by_expressions(folder):
    scores = {log.of_set: scored(log).measures for log in labelled_logs(folder / "cases.jsonl", None)}
    assert scores.keys() == {"ci", "ci, baseline", "service"}
    assert scores["ci"]["hit@1"] == scores["ci, baseline"]["hit@1"] == 1
    assert scores["ci"]["rec@20"] in {0.5, 1.0}
    assert scores["service"]["cover@10"] == 0.5


def test_a_limit_takes_some_of_every_set(folder):
    assert len(labelled_logs(folder / "cases.jsonl", 1)) == 3


def test_a_run_prints_both_kinds_of_log(folder):
    choice = accuracy.Choice(sets=["B"], pools=["tune"], limit=1, cases=folder / "cases.jsonl", misses=True)
    text = shown(accuracy.run(choice))
    assert "failing runs beside good ones (1)" in text
    assert "service (1)" in text


def test_cases_are_written_with_their_labels(tmp_path):
    accuracy.write_cases(accuracy.Choice(sets=["B"], pools=["hold"], limit=2, first=7), tmp_path)
    labels = [json.loads(path.read_text()) for path in tmp_path.glob("*/label.json")]
    assert len(labels) == 2
    assert all(label["cause_lines"] for label in labels)
    assert len(list(tmp_path.glob("*/baseline.log"))) == 2
    assert {path.name[:16] for path in tmp_path.iterdir()} == {"replica-hold-007", "replica-hold-008"}
