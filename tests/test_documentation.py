"""What the documents say of one another and of the sample logs is so."""

import json
import re
from functools import cache
from pathlib import Path

import pytest

from sandbox.samples.story import write_samples
from services.triage.report import NamedFile, analyze_files
from tests.test_repository import ROOT, documents

SAMPLES = ("checkout-api.log", "postgres.log", "nginx.log")
LINK = re.compile(r"\]\((?!https?:)([^)\s#]*)(?:#([^)\s]+))?\)")


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples")
    write_samples(folder)
    return analyze_files([NamedFile(folder / name, name) for name in SAMPLES]).to_body()


@cache
def anchors(document: Path) -> frozenset[str]:
    """The headings of a document, as links name them."""
    headings = re.findall(r"^#+ (.*)$", document.read_text(), re.MULTILINE)
    return frozenset(re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings)


def test_every_link_between_documents_leads_somewhere():
    links = [(path, *found) for path in documents() for found in LINK.findall(path.read_text())]
    assert links
    astray = [
        f"{path.relative_to(ROOT)}: {target}#{anchor}"
        for path, target, anchor in links
        for there in [(path.parent / target) if target else path]
        if not there.exists() or (anchor and anchor not in anchors(there))
    ]
    assert astray == []


def test_every_decision_is_listed_and_numbered_once():
    decisions = sorted((ROOT / "docs" / "adr").glob("*.md"))
    listed = re.findall(r"\]\(adr/([^)]+)\)", (ROOT / "docs" / "architecture.md").read_text().split("## Decisions")[1])
    assert [path.name for path in decisions] == listed
    assert [path.name[:4] for path in decisions] == [f"{number:04}" for number in range(1, len(decisions) + 1)]


def test_the_report_that_is_shown_is_the_one_of_the_sample_logs(report):
    shown = json.loads(block("report.md", "json"))
    for of_one_run in ("stats", "templates"):
        assert shown.pop(of_one_run)
    (finding,), first = shown.pop("findings"), report["findings"][0]
    assert finding["evidence"] == first["evidence"][: len(finding["evidence"])]
    assert {name: finding[name] for name in ("title", "kind", "verdict", "summary", "problem")}.items() <= first.items()
    assert shown["onset"] == report["onset"]
    assert shown["files"] == report["files"][:1]


def test_the_example_that_is_worked_through_cites_what_is_cited(report):
    shown = block("diagnosis.md", "text")
    first = report["findings"][0]
    assert re.match(r"(\w+) \(\d+%\)  (.*)", shown).groups() == (first["verdict"].capitalize(), first["title"])
    cited = re.findall(r"\[(E\d+)\] (\S+):(\d+)  (.*)", shown)
    assert cited == [(each["id"], each["file"], str(each["line"]), each["text"]) for each in first["evidence"][:3]]
    assert re.findall(r"^2\. (.*?)  \[", shown, re.MULTILINE) == [report["findings"][1]["title"]]


def block(document: str, language: str) -> str:
    """The first fenced block of a language."""
    return re.search(rf"^```{language}\n(.*?)^```", (ROOT / "docs" / document).read_text(), re.MULTILINE | re.DOTALL)[1]
