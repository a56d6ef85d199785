import pytest

from services.logs.display import cut, is_red, strip_unseen


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31;1mERROR\x1b[0m done", "ERROR done"),
        ("\x1b]8;;http://evil\x07link\x1b]8;;\x07", "link"),
        ("10 %\r50 %\rdone\r", "done"),
        ("nul\x00s and \x07bells", "nuls and bells"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("tab\tstays", "tab\tstays"),
        ("größer 日本 – “quoted”", "größer 日本 – “quoted”"),
    ],
)
def test_only_what_would_be_obeyed_is_taken_out(text, shown):
    assert strip_unseen(text) == shown


def test_a_cut_text_says_how_long_it_was():
    assert cut("x" * 10, 10) == "x" * 10
    assert cut("x" * 1500, 1000) == "x" * 1000 + "… [cut: 1,000 of 1,500 characters shown]"


def test_red_is_seen_and_other_colours_are_not():
    assert is_red("\x1b[31mfailed")
    assert is_red("\x1b[1;91mfailed")
    assert not is_red("\x1b[32mpassed\x1b[0m")
    assert not is_red("plain")
