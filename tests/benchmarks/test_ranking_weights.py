"""The weights of the ranking: what the fit sees is what the ranking sees, and nobody is judged by his own logs."""

import io
import json
import tempfile
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from benchmarks import ranking_weights
from benchmarks.labelled_logs import labelled_logs
from benchmarks.line_traits import CLASSES, TRAITS, traits_of, traits_of_logs
from benchmarks.listwise_fit import NAMES, PRESENT, START, fitted, points_of
from benchmarks.ranking_weights import held_out
from services.diagnosis.ranking import rank
from services.logs.reading import scan_upload

FAILED = [
    "$ make test",
    *[f"cc -c file{number}.c" for number in range(30)],
    "FAILURES:",
    "",
    "1) Pool drains: expected 3 but got 4",
    "    at pool.js:17:4",
    "src/pool.c:17:4: error: unknown type name 'fd_set'",
    "npm ERR! code ELIFECYCLE",
    "The command exited with 1.",
    "Done. Your build exited with 1.",
]
MARKED = [34, 36]


@pytest.fixture
def cases(tmp_path):
    """Two builds of two projects, and one that nobody marked a line of."""
    (tmp_path / "build.log").write_text("\n".join(FAILED))
    (tmp_path / "good.log").write_text("\n".join(FAILED[:31]))
    builds = [
        {"bench": "ci", "id": f"owner-project{number}{'-_'[number]}7", "log": "build.log", "spans": [MARKED]}
        for number in range(2)
    ]
    builds[0]["baseline_log"] = "good.log"
    builds.append({"bench": "ci", "id": "service_1", "log": "build.log", "must_cite": ["exited"]})
    path = tmp_path / "cases.jsonl"
    path.write_text("\n".join(map(json.dumps, builds)))
    return path


@pytest.fixture
def logs(cases):
    return [traits_of(log) for log in labelled_logs(cases, None) if "spans" in log.case]


def test_the_parts_add_up_to_what_the_ranking_gives(cases, logs):
    scan, good = [scan_upload(cases.parent / name, name)[0] for name in ("build.log", "good.log")]
    for log, known in ((logs[0], None), (logs[2], {shape.skeleton for shape in good.shapes})):
        points = dict(rank(scan, known_skeletons=known).scored)
        assert points.keys() == set(log.lines)
        assert points_of(log, PRESENT) == pytest.approx([points[line] for line in log.lines], abs=1e-5)


def test_a_log_is_what_people_marked_of_which_project(logs):
    assert [(log.of_set, log.project) for log in logs] == [
        ("ci", "owner-project0"),
        ("ci", "owner-project1"),
        ("ci, baseline", "owner-project0"),
    ]
    assert [line + 1 for line in logs[0].lines[logs[0].is_marked]] == [34, 35, 36]
    assert {FAILED[logs[0].lines[row]] for row in logs[0].reserved} == {
        "1) Pool drains: expected 3 but got 4",
        "The command exited with 1.",
    }


def test_the_fit_learns_what_tells_the_marked_lines(logs):
    is_error = logs[0].classes[:, CLASSES.index("wrapper")]
    reports = [replace(log, is_marked=is_error) for log in logs]
    by = fitted(reports)
    assert by[NAMES.index("wrapper")] > START[NAMES.index("wrapper")]
    assert is_error[points_of(reports[0], by).argmax()]
    assert not is_error[points_of(logs[0], fitted(logs)).argmax()]


def test_a_class_keeps_its_sign_and_what_is_never_seen_its_weight(logs):
    by = fitted(logs)
    words = slice(len(TRAITS), None)
    assert (np.sign(by[words]) == np.sign(PRESENT[words])).all()
    assert by[NAMES.index("instruction")] == pytest.approx(PRESENT[NAMES.index("instruction")])


def test_nobody_is_judged_by_his_own_logs(logs):
    many = [replace(log, project=f"project{number}") for number in range(7) for log in logs]
    seen = []

    def fit(some):
        seen.append({log.project for log in some})
        return PRESENT

    assert len(held_out(many, 0, fit)) == len(many)
    left_out = [{log.project for log in many} - projects for projects in seen]
    assert sorted(project for projects in left_out for project in projects) == [f"project{n}" for n in range(7)]


def test_a_run_prints_hits_calibration_and_weights_and_keeps_the_traits(cases, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    console = Console(width=160, file=io.StringIO())
    console.print(ranking_weights.run(cases, is_fitting=True))
    text = console.file.getvalue()
    for part in ("held out, 1", "hit@10", "mean confidence", "before_wrapper", "compile_error"):
        assert part in text
    kept = tmp_path / "triage-line-traits.pickle"
    written = kept.stat().st_mtime_ns
    assert [log.name for log in traits_of_logs(cases)] == ["owner-project0-7", "owner-project1_7", "owner-project0-7"]
    assert kept.stat().st_mtime_ns == written
