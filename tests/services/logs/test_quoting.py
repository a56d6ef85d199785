import pytest

from services.logs.limits import ReadLimits
from services.logs.quoting import displayable, quote_lines
from services.logs.reading import scan_upload


@pytest.fixture
def scan(tmp_path):
    def write(*lines):
        path = tmp_path / "a.log"
        path.write_text("\n".join(lines))
        return scan_upload(path, "a.log")[0]

    return write


def test_a_quote_is_verbatim_but_for_what_must_not_be_shown(scan):
    quotes = quote_lines(scan("  indented <!channel> & 'kept'", "\x1b[31mpassword=hunter22\x1b[0m bad"), [0, 1])
    assert quotes == {0: "  indented <!channel> & 'kept'", 1: "password=[redacted:password] bad"}


def test_lines_of_a_private_key_are_never_quoted(scan):
    lines = ["a", "-----BEGIN PRIVATE KEY-----", "c2VjcmV0", "-----END PRIVATE KEY-----", "b"]
    quotes = quote_lines(scan(*lines), range(5))
    assert [quotes[line] for line in range(5)] == ["a", *["[redacted:private-key]"] * 3, "b"]


def test_a_long_line_is_cut_and_says_so(scan):
    quotes = quote_lines(scan("x" * 5000), [0], limits=ReadLimits(max_displayed_chars=100))
    assert quotes[0] == "x" * 100 + "… [cut: 100 of 5,000 characters shown]"


def test_a_cut_does_not_uncover_a_secret():
    text = "x" * 90 + " password=" + "s3cret" * 20 + " end" + "y" * 600
    assert "s3cret" not in displayable(text, 105)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_lines_far_into_a_large_file_are_read_from_near_them(tmp_path, ending):
    path = tmp_path / "a.log"
    path.write_text(ending.join(f"line {number} of many {'x' * 90}" for number in range(60_000)), newline="")
    (scanned,) = scan_upload(path, "a.log")
    assert len(scanned.source.waypoints) > 2
    wanted = [0, 1, *(waypoint.line + more for waypoint in scanned.source.waypoints[1:] for more in (-1, 0, 1)), 59_999]
    quotes = quote_lines(scanned, wanted)
    assert {line: text.split()[1] for line, text in quotes.items()} == {line: str(line) for line in wanted}


def test_a_packed_or_transcoded_file_is_read_again_from_its_begin(tmp_path):
    path = tmp_path / "a.log"
    path.write_text("\n".join(f"line {number} of many {'x' * 90}" for number in range(30_000)), encoding="utf-16")
    (scanned,) = scan_upload(path, "a.log")
    assert quote_lines(scanned, [29_999])[29_999].startswith("line 29999 of")
