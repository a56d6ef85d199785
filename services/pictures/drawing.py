"""What a drawing is made of, in points from its upper left corner; `svg` and `png` write it down."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True, slots=True)
class Line:
    """Straight from point to point."""

    points: tuple[tuple[float, float], ...]
    colour: str
    width: float


@dataclass(frozen=True, slots=True)
class Disc:
    x: float
    y: float
    radius: float
    colour: str


@dataclass(frozen=True, slots=True)
class Text:
    """One line of printable ASCII (the only characters that the PNG's font surely has); `y`: its base line."""

    x: float
    y: float
    text: str
    colour: str
    size: float
    anchor: Anchor = "start"
    is_bold: bool = False


Mark: TypeAlias = Box | Line | Disc | Text


@dataclass(frozen=True, slots=True)
class Drawing:
    """Marks, the first of them lowest, on a ground of one colour. `words`: what it shows, said in words."""

    width: int
    height: int
    ground: str
    border: str
    words: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """One drawing twice, and what it shows in words (for who does not see it, and for screen readers)."""

    svg: str
    png: bytes
    alt_text: str
