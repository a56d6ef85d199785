"""Who blames whom: the services and hosts that the abnormal lines of others name."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.diagnosis.component_names import NameBook, addresses_in
from services.diagnosis.file_scene import FileScene, Kind
from services.diagnosis.findings import LineRef
from services.diagnosis.participants import Participant
from services.diagnosis.scene import Scene
from services.diagnosis.trouble import Trouble
from services.logs.scan import Shape

_MIN_BLAMING_LINES = 3
# A blame that weighs less than this share of the way in is a mutual complaint, no way on.
_WAY_ON_SHARE = 0.25
_NAMED_FIELDS = frozenset({"json", "logfmt"})
# Said of somebody else, named or not.
_OUTWARD = re.compile(
    r"(?i)\b(?:up|down)stream\b|\bdependency\b|\bpeer\b|\bremote\b|\bdial(?:ing)?\b|\bdeadline|\bECONN\w+|"
    r"\bconnect(?:ion|ing|ed)?\b.{0,40}\b(?:refused|reset|closed|lost|timed? ?out|failed)|"
    r"\b(?:call|request|rpc) (?:to|on)\b|\banswered\b|\bread timed? ?out|\bunreachable\b|\bno (?:route|listener)\b|"
    r"\b(?:time[d-]? ?out|failed|fail(?:ure)?|error|5\d\d|<\*>) "
    r"(?:waiting for|calling|from|connecting to|contacting)\b|\bgave up waiting\b|\bunavailable\b.{0,3}:"
)
# So large a part of the trouble: it fails because another does.
_OUTWARD_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Blame:
    """One participant's abnormal lines that name another: how many, and the first of them."""

    lines: int
    first: LineRef


Graph = Mapping[str, Mapping[str, Blame]]
"""By who is blamed, by who blames."""
_Draft = dict[str, dict[str, Blame]]


def blame_graph(scene: Scene, troubled: Sequence[Participant]) -> Graph:
    """Who names whom, in the lines of trouble; where nobody known is named, hosts that have no log here."""
    book = NameBook([one.name for one in scene.participants])
    known: _Draft = defaultdict(dict)
    strangers: _Draft = defaultdict(dict)
    for one in troubled:
        for kind, shape in _lines_of_trouble(one):
            text = _text(shape)
            names = book.names_in(text)
            for name in names - {one.name}:
                _note(known[name], one, kind, shape)
            for host in () if names else addresses_in(text):
                _note(strangers[host], one, kind, shape)
    return {**strangers, **known}


def _lines_of_trouble(one: Participant) -> Iterator[tuple[Kind, Shape]]:
    for kind in one.trouble.kinds if one.trouble else ():
        for shape in kind.shapes:
            yield kind, one.scene.scan.shapes[shape]


def _text(shape: Shape) -> str:
    return shape.sample if shape.style in _NAMED_FIELDS else shape.message


def _note(blamers: dict[str, Blame], one: Participant, kind: Kind, shape: Shape) -> None:
    first, before = _first_in_trouble(one.scene, one.trouble, kind, shape), blamers.get(one.name)
    blamers[one.name] = Blame(
        shape.count + (before.lines if before else 0), min(first, before.first) if before else first
    )


def _first_in_trouble(scene: FileScene, trouble: Trouble | None, kind: Kind, shape: Shape) -> LineRef:
    """The shape's first line, or that of its kind in the trouble where the shape was there before."""
    if trouble is None or shape.first_line >= trouble.line:
        return scene.ref(shape.first_line)
    line = scene.rates.first_line_since(kind.number, trouble.excess.begin)
    return scene.ref(shape.first_line if line is None else line)


def _weight(blamers: Mapping[str, Blame]) -> float:
    """Many who blame weigh more than one who blames often."""
    return sum(math.log2(1 + blame.lines) for blame in blamers.values())


def most_blamed(graph: Graph) -> tuple[str, Mapping[str, Blame]] | None:
    """(name, blames by who blames) of the most blamed, and from there on of whom that one blames in turn."""
    loud = {
        name: blamers
        for name, blamers in graph.items()
        if sum(blame.lines for blame in blamers.values()) >= _MIN_BLAMING_LINES
    }
    if not loud:
        return None
    name = max(sorted(loud), key=lambda name: _weight(loud[name]))
    seen = {name}
    while following := _way_on(loud, name, seen):
        name = following
        seen.add(name)
    return name, loud[name]


def _way_on(loud: Graph, name: str, seen: set[str]) -> str | None:
    """Whom a blamed one blames itself, the most; not whoever it only answers."""
    least = _WAY_ON_SHARE * max(blame.lines for blame in loud[name].values())
    blamed = Counter(
        {
            other: blamers[name].lines
            for other, blamers in loud.items()
            if name in blamers and other not in seen and blamers[name].lines >= least
        }
    )
    return blamed.most_common(1)[0][0] if blamed else None


def looks_outward(one: Participant) -> bool:
    """Whether much of its trouble is about somebody else: a call that failed, an answer that did not come.

    Also by lines that are not abnormal in themselves but came up with the trouble.
    """
    if one.trouble is None:
        return False
    begin = one.trouble.excess.begin
    new = [kind for kind in one.kinds if not any(one.scene.counts(kind)[: max(0, begin - 1)])]
    shapes = [one.scene.scan.shapes[shape] for kind in new for shape in kind.shapes]
    outward = sum(shape.count for shape in shapes if _OUTWARD.search(shape.skeleton))
    return outward > _OUTWARD_SHARE * one.trouble.excess.count
