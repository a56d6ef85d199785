"""The known problems: those of the project, and what people have in a folder of their own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from services.problems import cre_format, own_format
from services.problems.problem import Origin, Problem
from services.problems.rule_index import RuleIndex
from services.problems.yaml_entries import Entry, RuleError, read_entry

OWN_FOLDER = Path(__file__).with_name("catalogue")

# A catalogue of a thousand problems is a megabyte.
_MAX_FILE_BYTES = 8 << 20
_SUFFIXES = {".yaml", ".yml"}


@dataclass(frozen=True, slots=True)
class RefusedRule:
    """A rule, or a whole file, that could not be loaded; the others were."""

    origin: Origin
    reason: str

    def __str__(self) -> str:
        return f"{self.origin}: {self.reason}"


class Catalogue:
    """Problems by id, in the order of their files, and what was refused."""

    def __init__(self, problems: Sequence[Problem], refused: Sequence[RefusedRule] = ()) -> None:
        self.problems = tuple(problems)
        self.refused = tuple(refused)

    def get(self, problem_id: str) -> Problem | None:
        """The problem of an id, in whatever case it is written."""
        wanted = problem_id.lower()
        return next((problem for problem in self.problems if problem.id.lower() == wanted), None)

    @cached_property
    def index(self) -> RuleIndex:
        """What finds the rules that a line may be about; made when it is first needed."""
        return RuleIndex([problem.rule for problem in self.problems])


def load_catalogue(*folders: Path) -> Catalogue:
    """The project's problems and those of the folders, which replace problems of the same id before them.

    Of what cannot be loaded, a file or a single rule, the reason is in `refused`; the rest is loaded. Never raises
    for what the files hold.
    """
    problems, refused = dict[str, Problem](), list[RefusedRule]()
    for folder in (OWN_FOLDER, *folders):
        _load_folder(folder, problems, refused)
    return Catalogue(list(problems.values()), refused)


@lru_cache(maxsize=4)
def cached_catalogue(folder: Path | None) -> Catalogue:
    """The catalogue with one folder more, loaded once in a process."""
    return load_catalogue(*([folder] if folder else []))


def _load_folder(folder: Path, problems: dict[str, Problem], refused: list[RefusedRule]) -> None:
    if not folder.is_dir():
        refused.append(RefusedRule(Origin(str(folder), 1), "is no folder"))
        return
    seen: dict[str, Problem] = {}
    for path in sorted(path for path in folder.rglob("*") if path.suffix in _SUFFIXES and path.is_file()):
        for loaded in _load_file(path, _name_of(path)):
            if isinstance(loaded, RefusedRule):
                refused.append(loaded)
            elif first := seen.get(loaded.id.lower()):
                reason = f"the id {loaded.id!r} is taken already, in {first.origin}"
                refused.append(RefusedRule(loaded.origin, reason))
            else:
                seen[loaded.id.lower()] = loaded
    problems.update(seen)


def _name_of(path: Path) -> str:
    """How a file is named to people: ours by its place in the catalogue, theirs as they named it."""
    return str(path.relative_to(OWN_FOLDER.parent) if path.is_relative_to(OWN_FOLDER) else path)


def _load_file(path: Path, name: str) -> Iterator[Problem | RefusedRule]:
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            yield RefusedRule(Origin(name, 1), f"is larger than {_MAX_FILE_BYTES:,} bytes")
            return
        yield from _load_rules(read_entry(path.read_text("utf-8-sig")), name)
    except RuleError as error:
        yield RefusedRule(Origin(name, error.line), str(error))
    except (OSError, UnicodeDecodeError) as error:
        yield RefusedRule(Origin(name, 1), f"cannot be read: {error}")


def _load_rules(file: Entry, name: str) -> Iterator[Problem | RefusedRule]:
    is_cre = "rules" in file.fields
    try:
        file.refuse_unknown(cre_format.FILE_KEYS if is_cre else own_format.FILE_KEYS)
    except RuleError as error:
        yield RefusedRule(Origin(name, error.line), str(error))
    terms = cre_format.named_terms(file) if is_cre else {}
    area = None if is_cre else file.text_or_none("area")
    for node in file.items("rules" if is_cre else "problems"):
        try:
            yield (
                cre_format.read_cre_rule(node, terms, name) if is_cre else own_format.read_own_entry(node, area, name)
            )
        except RuleError as error:
            yield RefusedRule(Origin(name, error.line), str(error))
