"""Any chart can be drawn, stays within its edges, and says its numbers as people say them."""

import io
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from services.pictures.chart import Chart, MovedNumber, drawing_of, printable, shortened
from services.pictures.drawing import Box, Disc, Line, Text
from services.pictures.png import png_of
from services.pictures.rates import Rates
from services.pictures.svg import svg_of
from services.pictures.windows import Windows
from services.pictures.wording import chart_words

MIDDLE_OF_THE_CENTURY = 2_500_000_000
values = st.floats(allow_nan=False, allow_infinity=False, width=64) | st.floats(0, 100)


@st.composite
def charts(draw):
    count = draw(st.integers(6, 84))
    length = draw(st.sampled_from([1, 30, 60, 7_200, 86_400, 365 * 86_400]))
    windows = Windows(draw(st.integers(0, MIDDLE_OF_THE_CENTURY // length)) * length, length, count)
    moments = st.integers(windows.begin, min(windows.end - 1, 2 * MIDDLE_OF_THE_CENTURY))
    lines = draw(st.lists(st.integers(0, 10**9), min_size=count, max_size=count))
    errors = [draw(st.integers(0, many)) for many in lines]
    number = None
    if draw(st.booleans()):
        told = draw(st.lists(st.none() | values, min_size=count - 2, max_size=count - 2))
        facts = draw(st.tuples(st.text(max_size=80), values, values, st.none() | moments))
        number = MovedNumber(facts[0], (1.0, *told, 2.0), *facts[1:])
    marked = draw(st.lists(moments, max_size=4))
    rates = Rates(tuple(lines), tuple(errors))
    return Chart(windows, rates, draw(st.none() | moments), tuple(enumerate(marked, start=1)), number)


def edges(mark):
    """(left, top, right, bottom); of a text as wide as such letters are at most."""
    match mark:
        case Box(x, y, width, height):
            return x, y, x + width, y + height
        case Disc(x, y, radius):
            return x - radius, y - radius, x + radius, y + radius
        case Line(points):
            xs, ys = zip(*points, strict=True)
            return min(xs), min(ys), max(xs), max(ys)
        case Text(x, y, text, _, size, anchor):
            wide = len(text) * size * 0.56
            left = x - {"start": 0, "middle": wide / 2, "end": wide}[anchor]
            return left, y - size, left + wide, y + size / 4


def assert_within_edges(drawing):
    for mark in drawing.marks:
        left, top, right, bottom = edges(mark)
        assert 0 <= left <= right <= drawing.width, mark
        assert 0 <= top <= bottom <= drawing.height, mark


@settings(max_examples=150, deadline=None)
@given(charts())
def test_any_chart_stays_within_its_edges_and_is_well_formed(chart):
    drawing = drawing_of(chart, words=chart_words(chart))
    assert_within_edges(drawing)
    root = ET.fromstring(svg_of(drawing))
    assert root.get("aria-label") == drawing.words
    assert drawing.words.isascii()
    assert len(drawing.words) < 1_000
    assert all(mark.text.isascii() and mark.text.isprintable() for mark in drawing.marks if isinstance(mark, Text))


@pytest.mark.parametrize("second", [0, 3_599])
def test_what_crowds_at_an_edge_is_pushed_inwards(second):
    rates = Rates((5,) * 60, (0,) * 59 + (1,))
    chart = Chart(Windows(0, 60, 60), rates, second, tuple((rank, second) for rank in (1, 2, 3, 4)), None)
    drawing = drawing_of(chart, words="")
    assert_within_edges(drawing)
    assert "1 2 3 4" in [mark.text for mark in drawing.marks if isinstance(mark, Text)]


@settings(max_examples=10, deadline=None)
@given(charts())
def test_any_chart_can_be_painted(chart):
    drawing = drawing_of(chart, words="")
    with Image.open(io.BytesIO(png_of(drawing))) as image:
        image.load()
        assert image.size == (2 * drawing.width, 2 * drawing.height)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "0"), (0.001234, "0.00123"), (-3.14159, "-3.14"), (99.94, "99.9"), (492, "492"), (2_050, "2,050"),
        (1_234_567, "1.23 M"), (-5e9, "-5 G"), (7.5e13, "75 T"),
    ],
)  # fmt: skip
def test_numbers_are_said_with_three_digits(number, said):
    assert shortened(number) == said


def test_what_the_font_lacks_is_a_question_mark():
    assert printable("größe_ms", 20) == "gr??e_ms"
    assert printable("x" * 30, 26) == "x" * 23 + "..."
