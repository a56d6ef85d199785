"""Logs that people labelled: a folder with `cases.jsonl`, a case a line.

A case has `bench` (its set), `id`, `log` (a path in the folder) and either `spans`, inclusive ranges of lines that a
person marked, or `must_cite`, an expression for each thing to be found; it may have a `baseline_log`, a good run.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.incidents.scoring import Score, cited, outcome
from models.schemas.report import Report
from services.triage.report import NamedFile, analyze_files

CITED_FIRST = 20
WANTED = {
    ("logchunks", "hit@1"): ">= .70",
    ("logchunks", "hit@10"): ">= .93",
    ("logchunks", "sure&wrong"): "<= .04",
    ("cidiff", "hit@1"): ">= .95",
    ("cidiff", "hit@10"): "1.0",
    ("cidiff, baseline", "rec@20"): ">= .70",
    ("logdx", "hit@1"): ">= .95",
    ("logdx", "hit@10"): "1.0",
    ("logdx", "rec@20"): ">= .60",
    ("service", "cover@10"): "1.0",
}


@dataclass(frozen=True, slots=True)
class LabelledLog:
    """A case of the folder; `is_compared` gives its good run along."""

    folder: Path
    case: Mapping[str, Any]
    is_compared: bool = False

    @property
    def of_set(self) -> str:
        return f"{self.case['bench']}, baseline" if self.is_compared else str(self.case["bench"])


def labelled_logs(cases: Path, limit: int | None) -> list[LabelledLog]:
    """The cases of the file, spread over it where there are more than `limit` of a set; those with a good run twice."""
    read = [json.loads(line) for line in cases.read_text(encoding="utf-8").splitlines()]
    logs = [LabelledLog(cases.parent, case) for case in read]
    logs += [LabelledLog(cases.parent, case, is_compared=True) for case in read if "baseline_log" in case]
    by_set: dict[str, list[LabelledLog]] = {}
    for log in logs:
        by_set.setdefault(log.of_set, []).append(log)
    return [log for of_set in by_set.values() for log in _spread(of_set, limit)]


def _spread(logs: list[LabelledLog], limit: int | None) -> list[LabelledLog]:
    return logs[:: max(1, len(logs) // limit)][:limit] if limit else logs


def scored(log: LabelledLog) -> Score:
    """The measures of one log: hits and recall in lines, or how many of the expressions are covered."""
    path = log.folder / log.case["log"]
    good = log.folder / log.case["baseline_log"] if log.is_compared else None
    report = analyze_files([NamedFile(path, path.name)], baseline=NamedFile(good, good.name) if good else None)
    measure = _by_spans if "spans" in log.case else _by_expressions
    return measure(log.case, report)


def _by_spans(case: Mapping[str, Any], report: Report) -> Score:
    marked = {line for first, last in case["spans"] for line in range(first, last + 1)}
    lines = [item.line for item in cited(report)]
    measures = {f"hit@{count}": float(any(line in marked for line in lines[:count])) for count in (1, 10)}
    measures["rec@20"] = len(marked.intersection(lines[:CITED_FIRST])) / len(marked)
    is_right = any(item.line in marked for item in _own_evidence(report))
    return outcome(case["id"], measures, report, is_right=is_right)


def _by_expressions(case: Mapping[str, Any], report: Report) -> Score:
    wanted = [re.compile(expression) for expression in case["must_cite"]]
    texts = [item.text for item in cited(report)]
    measures = {f"hit@{count}": float(_matched(wanted, texts[:count]) > 0) for count in (1, 10)}
    measures["cover@10"] = _matched(wanted, texts[:10]) / len(wanted)
    is_right = _matched(wanted, [item.text for item in _own_evidence(report)]) > 0
    return outcome(case["id"], measures, report, is_right=is_right)


def _matched(expressions: list[re.Pattern[str]], texts: list[str]) -> int:
    return sum(any(expression.search(text) for text in texts) for expression in expressions)


def _own_evidence(report: Report) -> list[Any]:
    """What the first finding cites."""
    first = min(report.findings, key=lambda finding: finding.rank, default=None)
    return list(first.evidence) if first else []
