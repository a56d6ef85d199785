from hypothesis import given
from hypothesis import strategies as st

from services.logs.skeletons import fold_block, skeleton


def test_variable_tokens_become_one():
    assert skeleton("user 17 from 10.0.0.1:8080 took 12ms") == "user <*> from <*> took <*>"
    assert skeleton("order 550e8400-e29b-41d4-a716-446655440000 ok") == "order <*> ok"


def test_what_a_diagnosis_needs_stays():
    assert skeleton("exited with 0.") == "exited with 0."
    assert skeleton("exited with 1.") == "exited with <*>."
    assert skeleton("The command exited with 137.") == "The command exited with 137."
    assert skeleton('"GET /x HTTP/1.1" 503 12') == '"GET /x HTTP/<*>" 503 <*>'
    assert skeleton("upstream: HTTP/1.1 504 Gateway Timeout") == "upstream: HTTP/<*> 504 Gateway Timeout"
    assert skeleton("ORA-00942: table missing") == "ORA-00942: table missing"
    assert skeleton("error TS2304: Cannot find name") == "error TS2304: Cannot find name"
    assert skeleton("java.lang.OutOfMemoryError: heap") == "java.lang.OutOfMemoryError: heap"


PARTS = st.sampled_from(
    [
        "0",
        "1",
        "42",
        "007",
        "0x1f",
        "deadbeef01",
        "a1",
        " ",
        "code ",
        "status=",
        '" ',
        "HTTP/1.1 ",
        "HTTP/2 ",
        "503",
        "200",
        "E0308",
        "ms",
        ".",
        "-",
        ":",
        "x",
    ]
)


@given(st.lists(PARTS, max_size=8), st.lists(PARTS, max_size=8))
def test_lines_with_one_key_have_one_skeleton(left, right):
    """The cheap key of a line is at least as fine as its skeleton: else lines would get another's shape."""
    one, other = "".join(left), "".join(right)
    if fold_block(one.encode()) == fold_block(other.encode()):
        assert skeleton(one) == skeleton(other)


def test_red_lines_have_a_key_of_their_own():
    assert fold_block(b"\x1b[31mtest 1") != fold_block(b"\x1b[32mtest 1")
