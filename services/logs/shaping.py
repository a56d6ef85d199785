"""Lines to shapes: each distinct kind of line is taken apart once, all others are a dictionary look-up."""

import re
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from services.logs.display import is_red, strip_unseen
from services.logs.headers import ParsedLine, parse_line
from services.logs.levels import Level
from services.logs.limits import ReadLimits
from services.logs.lines import decode
from services.logs.redaction import begins_private_key, ends_private_key
from services.logs.scan import Shape
from services.logs.skeletons import VARIABLE, fold_block, skeleton
from services.logs.timestamps import StampColumn

_SAMPLE_CHARS = 2_000
_MESSAGE_CHARS = 600
_KEY_BYTES = 4_096
_MAX_KNOWN_KEYS = 100_000
_SUSPICIOUS = re.compile(r"(?i)error|fail|fatal|exception|panic|refused|denied|timed? ?out|abort|crash|cannot|unable")
_STEP_MARK = re.compile(r"travis_(?:fold|time):start|##\[group\]Run|section_start:\d")


@dataclass(slots=True)
class _Draft:
    """A shape while its file is being read."""

    skeleton: str
    message: str
    sample: str
    level: Level | None
    component: str | None
    is_stamped: bool
    is_red: bool
    opens_step: bool
    first_line: int
    style: str
    last_line: int = 0


@dataclass(slots=True)
class Shaper:
    """Takes the blocks of one file in order. The attributes are read when the last one is in."""

    limits: ReadLimits
    today: date
    shape_of_line: "array[int]" = field(default_factory=lambda: array("I"))
    second_of_line: "array[int]" = field(default_factory=lambda: array("I"))
    not_utf8: bool = False
    key_begins: set[int] = field(default_factory=set)
    key_ends: set[int] = field(default_factory=set)
    drafts: list[_Draft] = field(default_factory=list)
    _counts: Counter[int] = field(default_factory=Counter)
    _stamped: bytearray = field(default_factory=bytearray)
    _known: dict[bytes, int] = field(default_factory=dict)
    _by_skeleton: dict[tuple[str, Level | None, bool, bool], int] = field(default_factory=dict)
    _column: StampColumn = field(init=False)

    def __post_init__(self) -> None:
        self._column = StampColumn(self.today)

    def add(self, block: bytes) -> Sequence[bytes]:
        """Take one block of whole lines; returns them."""
        lines = block.split(b"\n")
        self.not_utf8 = self.not_utf8 or not (block.isascii() or _is_utf8(block))
        shapes = self._shapes(lines, fold_block(block).split(b"\n"))
        self._counts.update(shapes)
        first = len(self.shape_of_line)
        for shape, index in dict(zip(shapes, range(len(shapes)), strict=True)).items():
            self.drafts[shape].last_line = first + index
        self.shape_of_line.extend(shapes)
        stamped = self._stamped
        self.second_of_line.extend(self._column.seconds(lines, lambda index: bool(stamped[shapes[index]])))
        return lines

    def shapes(self) -> tuple[Shape, ...]:
        """The finished shapes, in the order of their first lines."""
        return tuple(
            Shape(
                skeleton=draft.skeleton,
                message=draft.message,
                sample=draft.sample,
                level=draft.level,
                component=draft.component,
                style=draft.style,
                is_stamped=draft.is_stamped,
                is_red=draft.is_red,
                opens_step=draft.opens_step,
                count=self._counts[index],
                first_line=draft.first_line,
                last_line=draft.last_line,
            )
            for index, draft in enumerate(self.drafts)
        )

    def _shapes(self, lines: Sequence[bytes], keys: Sequence[bytes]) -> list[int]:
        known = self._known
        first = len(self.shape_of_line)
        shapes = []
        for index, key in enumerate(keys):
            shape = known.get(key[:_KEY_BYTES])
            if shape is None:
                shape = self._learn(lines[index], first + index)
                if len(known) > _MAX_KNOWN_KEYS:
                    known.clear()
                known[key[:_KEY_BYTES]] = shape
            shapes.append(shape)
        return shapes

    def _learn(self, raw: bytes, line: int) -> int:
        colored = decode(raw[: 2 * _KEY_BYTES])
        text = strip_unseen(colored)
        red = is_red(colored)
        parsed = parse_line(text, today=self.today)
        plan = self._plan(parsed)
        step = _STEP_MARK.search(colored) is not None
        known = self._by_skeleton.setdefault((plan, parsed.level, red, step), len(self.drafts))
        if known == len(self.drafts):
            self._note_key_marks(text, known)
            self._stamped.append(parsed.stamp is not None)
            self.drafts.append(_draft(plan, parsed, text, line, red=red, step=step))
        return known

    def _plan(self, parsed: ParsedLine) -> str:
        """The skeleton; with too many kinds of line all further ones are one, the suspicious a while later."""
        kinds, cap = len(self.drafts), self.limits.max_shapes
        if kinds >= cap and (kinds >= 2 * cap or not _SUSPICIOUS.search(parsed.message)):
            return VARIABLE
        return skeleton(_folded_text(parsed))

    def _note_key_marks(self, text: str, shape: int) -> None:
        if begins_private_key(text):
            self.key_begins.add(shape)
        elif ends_private_key(text):
            self.key_ends.add(shape)


def _is_utf8(block: bytes) -> bool:
    try:
        block.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _folded_text(parsed: ParsedLine) -> str:
    return f"{parsed.component}: {parsed.message}" if parsed.component and parsed.style == "json" else parsed.message


def _draft(plan: str, parsed: ParsedLine, text: str, line: int, *, red: bool, step: bool) -> _Draft:
    return _Draft(
        skeleton=plan,
        message=parsed.message[:_MESSAGE_CHARS],
        sample=text[:_SAMPLE_CHARS],
        level=parsed.level,
        component=parsed.component,
        is_stamped=parsed.stamp is not None,
        is_red=red,
        opens_step=step,
        first_line=line,
        style=parsed.style,
    )
