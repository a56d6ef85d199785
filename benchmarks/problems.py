"""What a thousand rules cost on top of a scan, on logs of many kinds of line: CPU seconds in one process."""

import random
import tempfile
import time
from pathlib import Path

import yaml
from rich.table import Table

from benchmarks.log_corpora import CORPORA, write_corpus
from services.logs.reading import scan_upload
from services.problems.catalogue import Catalogue, load_catalogue
from services.problems.matching import match_problems

RULES = 1_000
TOTAL_BYTES = 50_000_000
ROUNDS = 5  # the best of them counts: noise only ever adds
# The words of the corpora, so that the rules nearly match all the time.
_WORDS = ["request", "connection", "order", "payment", "session", "cache", "partition", "segment", "lease", "worker"]
_VERBS = ["accepted", "rejected", "opened", "closed", "queued", "flushed", "retried", "loaded", "evicted", "renewed"]
_PLACES = ["upstream", "primary", "gateway", "scheduler", "registry", "broker", "ledger", "catalog", "store", "router"]


def run() -> Table:
    """A row a corpus: the scan, the match, and the one as a part of the other."""
    table = Table(title=f"{RULES:,} rules on {TOTAL_BYTES / 1e6:.0f} MB; CPU seconds, best of {ROUNDS}")
    for column in ("log", "kinds of line", "scan", "match", "on top", "problems found"):
        table.add_column(column, justify="right")
    with tempfile.TemporaryDirectory(prefix="triage-bench-") as folder:
        rules = Path(folder) / "rules"
        rules.mkdir()
        (rules / "generated.yaml").write_text(yaml.safe_dump({"rules": _generated(RULES)}))
        load, catalogue = _timed(lambda: _loaded(rules))
        for name in CORPORA:
            log = Path(folder) / f"{name}.log"
            write_corpus(log, name, total_bytes=TOTAL_BYTES)
            table.add_row(name, *_row(log, catalogue))
            log.unlink()
    table.caption = f"Reading and compiling {len(catalogue.problems):,} rules: {load:.2f} s, once a process"
    return table


def _loaded(folder: Path) -> Catalogue:
    catalogue = load_catalogue(folder)
    if catalogue.refused:
        raise ValueError(str(catalogue.refused[0]))
    assert len(catalogue.index.rules) >= RULES
    return catalogue


def _row(log: Path, catalogue: Catalogue) -> list[str]:
    scans = scan_upload(log, log.name)  # compiles the loops, and reads the file into the system's cache
    scan = min(_timed(lambda: scan_upload(log, log.name))[0] for _ in range(ROUNDS))
    match, found = min(
        (_timed(lambda: match_problems(scans, catalogue)) for _ in range(ROUNDS)), key=lambda timed: timed[0]
    )
    kinds = sum(len(scan.shapes) for scan in scans)
    return [f"{kinds:,}", f"{scan:.2f}", f"{match:.3f}", f"{match / scan:.0%}", str(len(found))]


def _timed(work):
    """(CPU seconds of all threads, what it gave)."""
    start = time.process_time()
    answer = work()
    return time.process_time() - start, answer


def _generated(count: int) -> list[dict[str, object]]:
    """Rules of every sort, most of which nearly match: texts, expressions, numbers, sequences, sets, jq."""
    draw = random.Random(11)
    return [
        {
            "cre": {"id": f"GENERATED-{number}", "title": f"Generated rule {number}", "severity": number % 5},
            "rule": _rule(draw, number),
        }
        for number in range(count)
    ]


def _rule(draw: random.Random, number: int) -> dict[str, object]:
    first, second, third = draw.choice(_WORDS), draw.choice(_VERBS), draw.choice(_PLACES)
    text = {"value": f"{first} {second} by {third} {draw.choice(_WORDS)} broke {number}th"}
    expression = {"regex": rf"{first} (?:{second}|refused) by {third} \w+ (?:was|is) (?:late|lost)\b"}
    by_number = {"regex": rf"{first} {second} by {third} \w+ failed: .* 10\.{number % 256}\.9\.\d+$"}
    query = {"jq": f'select(.service == "{third}" and .duration_ms > {9_000 + number})'}
    common = {"regex": rf"(?i){first} {second}"}
    several = {"window": "30s", "event": {"source": "any"}}
    sort = number % 20
    if sort < 9:
        return {"set": {"match": [text]}}
    if sort < 15:
        return {"set": {"match": [expression]}}
    if sort < 17:
        return {"sequence": {**several, "order": [common, text], "negate": [expression]}}
    if sort < 18:
        return {"set": {**several, "match": [common, {"value": f"{first} {second} by {third}", "count": 3}]}}
    return {"set": {"match": [by_number if sort < 19 else query]}}
