"""What the documents say of one another is so."""

import re
from functools import cache
from pathlib import Path

from tests.test_repository import ROOT, documents

LINK = re.compile(r"\]\((?!https?:)([^)\s#]*)(?:#([^)\s]+))?\)")


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
