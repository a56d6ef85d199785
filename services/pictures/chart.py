"""The chart of a triage: what it shows, and where everything stands.

Made for a thumbnail of half its width in a thread: large letters, two colours and grey, and each curve's name beside
it in its colour instead of a legend. It brings its own white ground, which is readable in a dark theme too; no one
colour of text is, on both.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from services.pictures.drawing import Box, Disc, Drawing, Line, Mark, Text
from services.pictures.rates import Rates
from services.pictures.windows import Windows

_GROUND, _BORDER, _INK, _GREY, _PALE = "#ffffff", "#c9ccd1", "#1d1c1d", "#616061", "#b4b8bf"
_TROUBLE, _NUMBER = "#c8102e", "#0b5fb0"
_WIDTH, _SIDE = 720, 22
_TEXT_SIZE, _ROW = 25, 36
_ERRORS_HEIGHT, _EMPTY_HEIGHT, _LINES_HEIGHT, _NUMBER_HEIGHT, _GAP = 120, 16, 64, 96, 12
_MARK_RADIUS, _MARK_LETTER, _MARKS_ROW = 13, 10, 22
# Marks nearer than this would cover each other.
_NEAR = 3 * _MARK_RADIUS
_BAR_SHARE = 0.82
# Of the letters' size; Pillow's font and the common ones are much alike in this.
_LETTER_WIDTH = 0.55
_NAME_CHARS = 26
_MINUTE = 60


@dataclass(frozen=True, slots=True)
class MovedNumber:
    """A field that left its level: its middle value in each window, None where it was not told."""

    field: str
    medians: tuple[float | None, ...]
    before: float
    after: float
    moved_at: int | None


@dataclass(frozen=True, slots=True)
class Chart:
    """What is shown. Moments are epoch seconds; `findings`: (rank, moment of its line), best first."""

    windows: Windows
    rates: Rates
    onset: int | None
    findings: tuple[tuple[int, int], ...]
    number: MovedNumber | None


def drawing_of(chart: Chart, *, words: str) -> Drawing:
    """The chart laid out: errors, all lines, the number that moved, and the time below."""
    layout = _Layout(chart)
    marks = tuple(layout.marks())
    return Drawing(_WIDTH, layout.height, _GROUND, _BORDER, words, marks)


class _Layout:
    """From top to bottom; `y` is where the next row begins."""

    def __init__(self, chart: Chart) -> None:
        self._chart = chart
        self._y = 8.0
        self._errors_height = _ERRORS_HEIGHT if any(chart.rates.errors) else _EMPTY_HEIGHT
        panels = [self._errors_height, _LINES_HEIGHT, *([_NUMBER_HEIGHT] if chart.number else [])]
        rows = len(panels) + (2 if chart.onset is not None else 1)
        marks_row = _MARKS_ROW if chart.findings else 0
        self.height = round(self._y + sum(panels) + (len(panels) - 1) * _GAP + marks_row + rows * _ROW + 10)

    def marks(self) -> Iterator[Mark]:
        chart, per = self._chart, self._chart.windows.length_words
        yield from self._heading(f"errors per {per}", _most(chart.rates.errors), _TROUBLE)
        yield from self._onset_moment()
        yield from self._bars(chart.rates.errors, _TROUBLE, self._errors_height)
        yield from self._findings()
        yield from self._heading(f"all lines per {per}", _most(chart.rates.lines), _GREY)
        yield from self._bars(chart.rates.lines, _PALE, _LINES_HEIGHT)
        if chart.number is not None:
            yield from self._number(chart.number)
        yield from self._times()

    def _heading(self, name: str, said: str, ink: str) -> Iterator[Mark]:
        base = self._y + _ROW - 11
        yield Text(_SIDE, base, name, ink, _TEXT_SIZE, is_bold=True)
        yield Text(_WIDTH - _SIDE, base, said, _GREY, _TEXT_SIZE, "end")
        self._y += _ROW

    def _onset_moment(self) -> Iterator[Mark]:
        onset = self._chart.onset
        if onset is not None:
            said = f"began {moment_words(onset, date=self._chart.windows.spans_days)}"
            yield _centred(self._x(onset), self._y + _ROW - 12, said, _INK)
            self._y += _ROW

    def _bars(self, counts: Sequence[int], colour: str, height: float) -> Iterator[Mark]:
        base, highest = self._y + height, max(*counts, 1)
        step = (_WIDTH - 2 * _SIDE) / len(counts)
        for index, count in enumerate(counts):
            if count:
                tall = max(2.0, height * count / highest)
                yield Box(_SIDE + index * step, base - tall, max(step * _BAR_SHARE, 1.5), tall, colour)
        yield Box(_SIDE, base, _WIDTH - 2 * _SIDE, 1.5, _PALE)
        yield from self._onset_line(height)
        self._y = base + _GAP

    def _onset_line(self, height: float) -> Iterator[Mark]:
        if self._chart.onset is not None:
            yield Box(self._x(self._chart.onset) - 1.5, self._y, 3, height, _INK)

    def _number(self, number: MovedNumber) -> Iterator[Mark]:
        name = printable(number.field, _NAME_CHARS)
        yield from self._heading(name, f"{shortened(number.before)} to {shortened(number.after)}", _NUMBER)
        told = [(index, value) for index, value in enumerate(number.medians) if value is not None]
        low, high = min(value for _, value in told), max(value for _, value in told)
        step, top, tall = (_WIDTH - 2 * _SIDE) / len(number.medians), self._y + 4, _NUMBER_HEIGHT - 8
        points = tuple(
            (_SIDE + (index + _BAR_SHARE / 2) * step, top + tall * (1 - (value - low) / ((high - low) or 1)))
            for index, value in told
        )
        yield from self._onset_line(_NUMBER_HEIGHT)
        yield Line(points, _NUMBER, 4)
        self._y += _NUMBER_HEIGHT + _GAP

    def _findings(self) -> Iterator[Mark]:
        """Numbered marks where the findings' lines stand, below the errors; those too near share one."""
        if self._chart.findings:
            self._y += _MARKS_ROW
        for x, ranks in _clusters([(self._x(second), rank) for rank, second in self._chart.findings]):
            yield from _numbered(x, self._y - _MARK_RADIUS - 2, " ".join(map(str, ranks)))

    def _times(self) -> Iterator[Mark]:
        base, windows = self._y - _GAP + _ROW - 9, self._chart.windows
        begin = moment_words(windows.begin, date=True, seconds=windows.seconds < _MINUTE)
        end = moment_words(windows.end, date=windows.spans_days, seconds=windows.seconds < _MINUTE)
        yield Text(_SIDE, base, begin, _GREY, _TEXT_SIZE)
        yield Text(_WIDTH - _SIDE, base, f"{end} UTC", _GREY, _TEXT_SIZE, "end")

    def _x(self, second: int) -> float:
        windows = self._chart.windows
        share = (second - windows.begin) / (windows.end - windows.begin)
        return _SIDE + min(max(share, 0.0), 1.0) * (_WIDTH - 2 * _SIDE)


def _most(counts: Sequence[int]) -> str:
    return f"at most {shortened(max(counts))}" if any(counts) else "none"


def _clusters(places: Sequence[tuple[float, int]]) -> list[tuple[float, list[int]]]:
    """(x, ranks): each by itself or with the first that is too near, in whose place it stands."""
    clusters: list[tuple[float, list[int]]] = []
    for x, rank in places:
        near = next((ranks for other, ranks in clusters if abs(x - other) < _NEAR), None)
        if near is None:
            clusters.append((x, [rank]))
        else:
            near.append(rank)
    return clusters


def _numbered(x: float, y: float, label: str) -> Iterator[Mark]:
    """Round ends and a label between them, inside the picture."""
    reach = (len(label) - 1) * _MARK_LETTER / 2
    x = min(max(x, _SIDE + reach + _MARK_RADIUS), _WIDTH - _SIDE - reach - _MARK_RADIUS)
    yield from (Disc(end, y, _MARK_RADIUS, _INK) for end in sorted({x - reach, x + reach}))
    yield Box(x - reach, y - _MARK_RADIUS, 2 * reach, 2 * _MARK_RADIUS, _INK)
    yield Text(x, y + 7, label, _GROUND, 20, "middle", is_bold=True)


def _centred(x: float, y: float, text: str, ink: str) -> Text:
    """Text over a point, pushed inwards where it would leave the picture."""
    half = len(text) * _TEXT_SIZE * _LETTER_WIDTH / 2
    if x < _SIDE + half:
        return Text(_SIDE, y, text, ink, _TEXT_SIZE, is_bold=True)
    if x > _WIDTH - _SIDE - half:
        return Text(_WIDTH - _SIDE, y, text, ink, _TEXT_SIZE, "end", is_bold=True)
    return Text(x, y, text, ink, _TEXT_SIZE, "middle", is_bold=True)


def moment_words(second: int, *, date: bool = False, seconds: bool = True) -> str:
    """`14:06:02`, `2026-03-12 14:06`."""
    form = ("%Y-%m-%d " if date else "") + ("%H:%M:%S" if seconds else "%H:%M")
    return f"{datetime.fromtimestamp(second, UTC):{form}}"


def shortened(number: float) -> str:
    """Three digits are enough to compare: 12.3, 1,240, 1.24 M."""
    for unit, name in ((1e12, " T"), (1e9, " G"), (1e6, " M")):
        if abs(number) >= unit:
            return f"{number / unit:.3g}{name}"
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def printable(text: str, chars: int) -> str:
    """What the picture's font can show of a text, at most so many letters of it."""
    shown = "".join(char if " " <= char <= "~" else "?" for char in text)
    return shown if len(shown) <= chars else f"{shown[: chars - 3]}..."
