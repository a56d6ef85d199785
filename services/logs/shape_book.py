"""The kinds of line of one file, as they are met: each is taken apart once, in the order of the file."""

import re
from dataclasses import dataclass, field, replace
from datetime import date

from services.logs.display import is_red, strip_unseen
from services.logs.headers import ParsedLine, parse_line
from services.logs.kernel_loops import KEYED_BYTES
from services.logs.levels import Level
from services.logs.limits import ReadLimits
from services.logs.lines import decode
from services.logs.reader_addresses import addresses_reader
from services.logs.redaction import begins_private_key, ends_private_key
from services.logs.scan import Shape
from services.logs.service_names import service_of
from services.logs.skeletons import VARIABLE, skeleton
from services.logs.stamp_places import NOWHERE, StampPlace, place_of
from services.logs.table_loops import LEARNS_ALL, LEARNS_NOTHING, LEARNS_SUSPICIOUS, SUSPICIOUS_HEADS

_SAMPLE_CHARS = 2_000
_MESSAGE_CHARS = 600
# Several keys may have one shape; beyond so many a shape allowed, keys tell nothing new and cost a parse each.
_KEYS_A_SHAPE = 4
_SUSPICIOUS = re.compile(b"(?i)" + b"|".join(SUSPICIOUS_HEADS))
# Of these the message alone makes the shape, and other fields may say other things.
_FIELD_STYLES = frozenset({"json", "logfmt"})
_STEP_MARK = re.compile(r"travis_(?:fold|time):start|##\[group\]Run|section_start:\d")


def is_suspicious(line: bytes) -> bool:
    """Whether a raw line speaks of trouble: such lines keep kinds of their own longer than others."""
    return _SUSPICIOUS.search(line, 0, KEYED_BYTES) is not None


@dataclass(slots=True)
class ShapeBook:
    """What is known of the lines of one file by now.

    shape_of_key, place_of_key: by the number of the key; key 0 is what lines of too many kinds share.
    key_begins, key_ends: shapes that mark a private key's begin and end. further_lines, addressing_lines:
    see FileScan.
    """

    limits: ReadLimits
    today: date
    shape_of_key: list[int] = field(default_factory=lambda: [-1])
    place_of_key: list[StampPlace] = field(default_factory=lambda: [NOWHERE])
    key_begins: set[int] = field(default_factory=set)
    key_ends: set[int] = field(default_factory=set)
    drafts: list[Shape] = field(default_factory=list)
    further_lines: list[int] = field(default_factory=list)
    addressing_lines: list[int] = field(default_factory=list)
    _by_kind: dict[tuple[str, str | None, Level | None, bool, bool], int] = field(default_factory=dict)

    def learns(self) -> int:
        """Which lines of an unknown key are to be learned as things stand."""
        if self._room(1):
            return LEARNS_ALL
        return LEARNS_SUSPICIOUS if self._room(2) else LEARNS_NOTHING

    def room(self) -> int:
        """How many keys may be learned before `learns` can change."""
        return self._room(1) or self._room(2)

    def max_keys(self) -> int:
        """More keys than are ever learned."""
        return 2 * _KEYS_A_SHAPE * self.limits.max_shapes + 1

    def _room(self, times: int) -> int:
        shapes = times * self.limits.max_shapes
        kinds = len(self.drafts) - (self.shape_of_key[0] >= 0)
        return max(0, min(shapes - kinds, _KEYS_A_SHAPE * shapes - len(self.shape_of_key)))

    def learn(self, raw: bytes, line: int) -> int:
        """Take the first line of a new key apart; returns the key's number."""
        colored = decode(raw[:KEYED_BYTES])
        text = strip_unseen(colored)
        parsed = parse_line(text, today=self.today)
        step = _STEP_MARK.search(colored) is not None
        draft = _draft(skeleton(_folded_text(parsed)), parsed, text, line, red=is_red(colored), step=step)
        kind = (draft.skeleton, service_of(draft.component), draft.level, draft.is_red, draft.opens_step)
        shape = self._by_kind.setdefault(kind, len(self.drafts))
        if shape == len(self.drafts):
            self._note_key_marks(text, shape)
            self.drafts.append(draft)
        elif draft.style in _FIELD_STYLES:
            self.further_lines.append(line)
            if addresses_reader(text):
                self.addressing_lines.append(line)
        self.shape_of_key.append(shape)
        self.place_of_key.append(place_of(text, parsed.stamp))
        return len(self.shape_of_key) - 1

    def fold(self, raw: bytes, line: int) -> None:
        """Open the shape of lines of too many kinds, of which this is the first; once only."""
        if self.shape_of_key[0] < 0:
            text = strip_unseen(decode(raw[:KEYED_BYTES]))
            self.shape_of_key[0] = len(self.drafts)
            self.drafts.append(_draft(VARIABLE, ParsedLine(text, None, None, None, "plain"), text, line))

    def shapes(self, counts: list[int], last_lines: list[int]) -> tuple[Shape, ...]:
        """The finished shapes, in the order of their first lines."""
        finished = zip(self.drafts, counts, last_lines, strict=True)
        return tuple(replace(draft, count=count, last_line=last_line) for draft, count, last_line in finished)

    def _note_key_marks(self, text: str, shape: int) -> None:
        if begins_private_key(text):
            self.key_begins.add(shape)
        elif ends_private_key(text):
            self.key_ends.add(shape)


def _folded_text(parsed: ParsedLine) -> str:
    return f"{parsed.component}: {parsed.message}" if parsed.component and parsed.style == "json" else parsed.message


def _draft(plan: str, parsed: ParsedLine, text: str, line: int, *, red: bool = False, step: bool = False) -> Shape:
    """A shape of which only the first line is known."""
    return Shape(
        skeleton=plan,
        message=parsed.message[:_MESSAGE_CHARS],
        sample=text[:_SAMPLE_CHARS],
        level=parsed.level,
        component=parsed.component,
        style=parsed.style,
        is_stamped=parsed.stamp is not None,
        is_red=red,
        opens_step=step,
        count=1,
        first_line=line,
        last_line=line,
    )
