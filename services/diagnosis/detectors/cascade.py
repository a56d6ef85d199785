"""Who failed first and whom the others name: where a failure that spread through several services began."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.diagnosis.component_names import NameBook, addresses_in
from services.diagnosis.findings import LineRef
from services.diagnosis.participants import Participant
from services.diagnosis.scene import MAX_STRENGTH, Scene, Signal, at
from services.logs.scan import Shape

# Clocks of two hosts differ by so much without anybody's notice.
_SKEW_SECONDS = 5
# Behind it another trouble is another matter.
_TOGETHER_SECONDS = 900
_MIN_BLAMING_LINES = 3
# A blame that weighs less than this share of the way in is a mutual complaint, no way on.
_WAY_ON_SHARE = 0.25
_MAX_CONTEXT = 5
_NAMED_FIELDS = frozenset({"json", "logfmt"})


@dataclass(frozen=True, slots=True)
class _Blame:
    """One participant's abnormal lines that name another: how many, and the first of them."""

    lines: int
    first: LineRef


_Graph = Mapping[str, Mapping[str, _Blame]]
"""By who is blamed, by who blames."""


def cascade(scene: Scene) -> list[Signal]:
    """The service that the blame leads to, then the one that failed first if that is another."""
    troubled = scene.in_trouble
    if len(troubled) < 1:
        return []
    together = [one for one in troubled if _is_near(one, troubled[0])]
    root = _root(_blames(scene, together))
    signals = [_blamed(scene, together, *root)] if root else []
    first = _failed_first(together) if len(together) > 1 else None
    return signals if first is None or (root and root[0] == first.component) else [*signals, first]


def _is_near(one: Participant, first: Participant) -> bool:
    if one.begin_second is None or first.begin_second is None:
        return True
    return one.begin_second - first.begin_second <= _TOGETHER_SECONDS


def _blames(scene: Scene, troubled: Sequence[Participant]) -> _Graph:
    """Who names whom, in the lines of trouble; where nobody known is named, hosts that have no log here."""
    book = NameBook([one.name for one in scene.participants])
    known: dict[str, dict[str, _Blame]] = defaultdict(dict)
    strangers: dict[str, dict[str, _Blame]] = defaultdict(dict)
    for one in troubled:
        for shape in _shapes_of_trouble(one):
            text = shape.sample if shape.style in _NAMED_FIELDS else shape.message
            names = book.names_in(text)
            others = names - {one.name}
            for name in others:
                _note(known, name, one, shape)
            for host in () if names else addresses_in(text):
                _note(strangers, host, one, shape)
    return {**strangers, **known}


def _shapes_of_trouble(one: Participant) -> list[Shape]:
    kinds = one.trouble.kinds if one.trouble else ()
    return [one.scene.scan.shapes[shape] for kind in kinds for shape in kind.shapes]


def _note(graph: dict[str, dict[str, _Blame]], name: str, one: Participant, shape: Shape) -> None:
    before = graph[name].get(one.name)
    first = one.scene.ref(shape.first_line)
    graph[name][one.name] = _Blame(
        shape.count + (before.lines if before else 0), min(first, before.first) if before else first
    )


def _weight(blamers: Mapping[str, _Blame]) -> float:
    """Many who blame weigh more than one who blames often."""
    return sum(math.log2(1 + blame.lines) for blame in blamers.values())


def _root(graph: _Graph) -> tuple[str, Mapping[str, _Blame]] | None:
    """The most blamed, and from there on whom that one blames in turn."""
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


def _way_on(loud: _Graph, name: str, seen: set[str]) -> str | None:
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


def _blamed(scene: Scene, troubled: Sequence[Participant], name: str, blamers: Mapping[str, _Blame]) -> Signal:
    """Told by the blamed one's own first line of trouble; by the first line that names it where it has none."""
    own = next((one for one in troubled if one.name == name), None)
    lines, firsts = sum(blame.lines for blame in blamers.values()), sorted(blame.first for blame in blamers.values())
    ref = own.scene.ref(own.trouble.line) if own and own.trouble else _earliest(scene, firsts)
    others = [one for one in troubled if one.name in blamers]
    second = min((one.begin_second for one in others if one.begin_second), default=None)
    is_first = own is not None and _order(own) <= min(map(_order, others), default=0) + _SKEW_SECONDS
    earliest = next((each for each, blame in blamers.items() if blame.first == ref), None)
    return Signal(
        kind="cascade",
        ref=ref,
        strength=min(MAX_STRENGTH, 0.5 + 1.5 * math.log2(1 + len(blamers)) + min(2.0, lines / 10) + is_first),
        second=own.begin_second if own else second,
        title=f"{name} is what the others fail on",
        summary=f"{lines:,} abnormal lines of {_listed(sorted(blamers))} name it{_since(own, second)}; it names "
        "nobody.",
        context=tuple(first for first in firsts if first != ref)[:_MAX_CONTEXT],
        component=name if own else earliest,
        blames=None if own else name,
    )


def _since(own: Participant | None, second: int | None) -> str:
    if own is None:
        return f", the first{at(second)}" if second else ""
    return f", its own trouble began{at(own.begin_second)}" if own.begin_second else ""


def _earliest(scene: Scene, refs: Sequence[LineRef]) -> LineRef:
    by_file = {file.file: file for file in scene.files}
    return min(refs, key=lambda ref: (by_file[ref.file].second_of(ref.line) or 0, ref))


def _order(one: Participant) -> int:
    return one.begin_second or 0


def _failed_first(troubled: Sequence[Participant]) -> Signal | None:
    """Whose trouble began before everybody else's, by more than clocks differ."""
    first, second = troubled[0], troubled[1]
    if first.trouble is None or first.begin_second is None or second.begin_second is None:
        return None
    lead = second.begin_second - first.begin_second
    skew = 0 if first.scene is second.scene else _SKEW_SECONDS
    if lead <= skew:
        return None
    refs = [one.scene.ref(one.trouble.line) for one in troubled[1 : 1 + _MAX_CONTEXT] if one.trouble]
    return Signal(
        kind="cascade",
        ref=first.scene.ref(first.trouble.line),
        strength=min(3.0, math.log2(1 + lead - skew) / 2 + math.log2(len(troubled)) / 2),
        second=first.begin_second,
        title=f"{first.name} was in trouble first",
        summary=f"Its first abnormal line came{at(first.begin_second)}, {lead} s before that of {second.name}, the "
        f"next of {len(troubled) - 1}.",
        context=tuple(refs),
        component=first.name,
    )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:4])
    return f"{shown} and {len(names) - 4} more" if len(names) > 4 else shown
