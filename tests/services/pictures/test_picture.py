"""The picture: what it shows and says, the same bytes for the same logs, and none rather than an empty one."""

import io
import re
import xml.etree.ElementTree as ET
from hashlib import sha256

import pytest
from PIL import Image

from services.diagnosis.diagnose import diagnose
from services.pictures.picture import draw_picture
from tests.services.pictures.conftest import outage, stamped

SVG = "{http://www.w3.org/2000/svg}"


def drawn(diagnosed, *logs):
    return draw_picture(*diagnosed(*logs))


def texts(picture):
    return [element.text for element in ET.fromstring(picture.svg).iter(f"{SVG}text")]


def test_it_names_its_curves_the_onset_and_the_time(diagnosed):
    shown = texts(drawn(diagnosed, outage()))
    assert {"errors per 15 s", "at most 15", "all lines per 15 s", "at most 60", "response_time_ms"} <= set(shown)
    assert any(re.fullmatch(r"began 13:0\d:\d\d", text) for text in shown)
    assert "2026-03-12 13:00:00" in shown
    assert "13:20:00 UTC" in shown


def test_it_says_in_words_what_it_shows(diagnosed):
    words = drawn(diagnosed, outage()).alt_text
    assert words.startswith("Chart of lines per 15 s, 2026-03-12 13:00 to 2026-03-12 13:20 UTC. Errors: ")
    assert "at most 0 before it began, at most 15 at 13:10:00." in words
    assert "response_time_ms goes from 20 to 7" in words
    assert "Marked: finding 1 at 13:10:00" in words


def test_the_svg_says_it_too(diagnosed):
    picture = drawn(diagnosed, outage())
    root = ET.fromstring(picture.svg)
    assert (root.get("role"), root.get("aria-label")) == ("img", picture.alt_text)


def test_errors_are_bars_from_the_onset_on(diagnosed):
    picture = drawn(diagnosed, outage())
    bars = [box for box in ET.fromstring(picture.svg).iter(f"{SVG}rect") if box.get("fill") == "#c8102e"]
    assert len(bars) == 40
    assert min(float(bar.get("x")) for bar in bars) == pytest.approx(720 / 2, abs=10)


def test_findings_are_numbered_and_those_too_near_share_a_mark(diagnosed):
    lines = [stamped(second, "INFO app: fine") for second in range(1_200)]
    lines[300] = stamped(300, "FATAL app: java.lang.OutOfMemoryError: Java heap space")
    lines[301] = stamped(301, "ERROR db: could not connect to server: Connection refused")
    lines[900] = stamped(900, "CRITICAL app: assertion failed: ledger is out of balance")
    labels = [text for text in texts(drawn(diagnosed, lines)) if re.fullmatch(r"\d( \d)*", text)]
    assert sorted(label for text in labels for label in text.split()) == ["1", "2", "3"]
    assert len(labels) == 2


def test_the_png_is_the_same_drawing_at_twice_the_size(diagnosed):
    picture = drawn(diagnosed, outage())
    root = ET.fromstring(picture.svg)
    with Image.open(io.BytesIO(picture.png)) as image:
        assert image.format == "PNG"
        assert image.size == (2 * int(root.get("width")), 2 * int(root.get("height")))
        colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 24)}
    assert {
        (0xFF, 0xFF, 0xFF),
        (0xC8, 0x10, 0x2E),
        (0x0B, 0x5F, 0xB0),
        (0xB4, 0xB8, 0xBF),
        (0x1D, 0x1C, 0x1D),
    } <= colours
    assert len(picture.png) < 100_000


def test_in_a_thumbnail_the_letters_are_still_twelve_points_high(diagnosed):
    root = ET.fromstring(drawn(diagnosed, outage()).svg)
    sizes = [float(text.get("font-size")) for text in root.iter(f"{SVG}text")]
    assert min(sizes) * 360 / int(root.get("width")) >= 10
    assert sorted(sizes)[len(sizes) // 2] * 360 / int(root.get("width")) >= 12


def test_the_same_logs_give_the_same_bytes(diagnosed):
    first, second = (drawn(diagnosed, outage()) for _ in range(2))
    assert (first.svg, sha256(first.png).digest()) == (second.svg, sha256(second.png).digest())


def test_nothing_is_drawn_beyond_the_edges(diagnosed):
    """Also where the onset and a finding lie at the very end, and names and numbers are long."""
    lines = [stamped(n, f"INFO app: {'long_name_' * 5}x={10 if n < 600 else 10**9}") for n in range(1_199)]
    lines.append(stamped(1_199, "FATAL app: out of memory"))
    root = ET.fromstring(drawn(diagnosed, lines).svg)
    width, height = int(root.get("width")), int(root.get("height"))
    for box in root.iter(f"{SVG}rect"):
        assert float(box.get("x")) >= 0
        assert float(box.get("x")) + float(box.get("width")) <= width
    for text in root.iter(f"{SVG}text"):
        reach = len(text.text) * float(text.get("font-size")) * 0.55
        left = {None: 0, "middle": -reach / 2, "end": -reach}[text.get("text-anchor")] + float(text.get("x"))
        assert left >= 0
        assert left + reach <= width + 8
        assert 0 < float(text.get("y")) < height


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([stamped(n, "INFO app: fine") for n in range(1_000)], id="nothing abnormal"),
        pytest.param(["ERROR: no time anywhere"] * 100, id="no times"),
        pytest.param([stamped(0, "ERROR app: broken")] * 100, id="a single moment"),
        pytest.param([""], id="no lines"),
    ],
)
def test_where_there_is_nothing_to_show_there_is_no_picture(diagnosed, lines):
    assert drawn(diagnosed, lines) is None


def test_no_file_at_all_has_no_picture():
    assert draw_picture([], diagnose([])) is None


@pytest.mark.parametrize("name", ["latency_<script>", "größe_ms", "x" * 60, 'a"b&c'])
def test_a_hostile_field_name_is_only_text(diagnosed, name):
    lines = [line.replace("response_time_ms", name) for line in outage()]
    picture = drawn(diagnosed, lines)
    assert ET.fromstring(picture.svg).tag == f"{SVG}svg"
    assert "<script" not in picture.svg
    assert picture.alt_text.isascii()


def test_times_of_another_century_do_not_stretch_it(diagnosed):
    lines = outage()
    lines[100] = "1970-01-01T00:00:01Z INFO checkout: the clock was not set"
    lines[200] = "2099-01-01T00:00:01Z INFO checkout: the clock was set wrong"
    assert "errors per 15 s" in texts(drawn(diagnosed, lines))
