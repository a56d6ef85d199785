"""Every entry against its own examples, and all of them against ordinary lines."""

from pathlib import Path

import pytest

from services.logs.reading import scan_upload
from services.problems.catalogue import Catalogue, load_catalogue
from services.problems.matching import match_problems

CATALOGUE = load_catalogue()
ORDINARY = Path(__file__).with_name("ordinary_lines.log")
AREAS = {
    "ci", "clock", "cloud", "containers", "disk", "dns", "elasticsearch", "go", "jvm", "kafka", "kubernetes", "limits",
    "linux", "memory", "mongodb", "mysql", "node", "postgres", "proxies", "python", "rabbitmq", "redis", "tls",
}  # fmt: skip


def shown(tmp_path, text: str, catalogue: Catalogue = CATALOGUE) -> set[str]:
    """The ids of the problems that a log of this text shows."""
    log = tmp_path / "some.log"
    log.write_text(text.strip("\n") + "\n")
    return {match.problem.id for match in match_problems(scan_upload(log, log.name), catalogue)}


def test_nothing_of_the_catalogue_is_refused():
    assert [str(refused) for refused in CATALOGUE.refused] == []


def test_there_are_many_entries_over_every_area():
    assert len(CATALOGUE.problems) >= 150
    assert {problem.area for problem in CATALOGUE.problems} >= AREAS


@pytest.mark.parametrize("problem", CATALOGUE.problems, ids=lambda problem: problem.id)
def test_an_entry_finds_its_examples_and_not_what_is_nearly_one(problem, tmp_path):
    assert problem.examples
    assert problem.near_misses
    alone = Catalogue([problem])
    assert [example for example in problem.examples if not shown(tmp_path, example, alone)] == []
    assert [near_miss for near_miss in problem.near_misses if shown(tmp_path, near_miss, alone)] == []


@pytest.mark.parametrize("problem", CATALOGUE.problems, ids=lambda problem: problem.id)
def test_an_entry_tells_what_it_means_and_what_to_do(problem):
    assert len(problem.title) <= 80
    assert problem.checks
    assert problem.fix
    for text in (problem.title, problem.meaning, problem.impact, *problem.checks, *problem.fix):
        assert text[0].isupper() or text[0] == "`", text
    assert not problem.title.endswith(".")
    assert all(text.endswith((".", "`")) for text in (problem.meaning, problem.impact, *problem.checks, *problem.fix))


def test_ordinary_lines_show_no_problem(tmp_path):
    assert shown(tmp_path, ORDINARY.read_text()) == set()
