"""Rules and logs written to files, and what a catalogue of these rules finds in them."""

import textwrap

import pytest

from services.logs.reading import scan_upload
from services.problems.catalogue import Catalogue, load_catalogue
from services.problems.matching import match_problems


@pytest.fixture
def catalogue_of(tmp_path):
    """The catalogue of a folder with these files (name -> YAML), without the project's own problems."""

    def load(**files: str) -> Catalogue:
        folder = tmp_path / "rules"
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            (folder / f"{name}.yaml").write_text(textwrap.dedent(text))
        loaded = load_catalogue(folder)
        return Catalogue([problem for problem in loaded.problems if str(folder) in problem.origin.file], loaded.refused)

    return load


@pytest.fixture
def found_by(tmp_path):
    """(id, lines from 1, count) of what a catalogue finds in the text of a log."""

    def find(catalogue: Catalogue, text: str) -> list[tuple[str, list[int], int]]:
        log = tmp_path / "some.log"
        log.write_text(textwrap.dedent(text).lstrip("\n"))
        matches = match_problems(scan_upload(log, log.name), catalogue)
        return [(match.problem.id, [ref.line + 1 for ref in match.refs], match.count) for match in matches]

    return find
