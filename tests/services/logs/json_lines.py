"""Lines of JSON for tests: of names that are read and names that are not, and some that are broken."""

import json

from hypothesis import strategies as st

NAMES = st.sampled_from(
    ["msg", "message", "error", "level", "service", "status", "ts", "pod", "trace", "host", "x.y", ""]
)
TEXTS = st.sampled_from(
    [
        "",
        " ",
        "up",
        "down",
        "web-1",
        "10:20:30",
        "10.20.30.40",
        'a"b',
        "c\\d",
        "\n",
        "é",
        "1700000000",
        "k" * 70,
        "ORA-00942",
    ]
)
SCALARS = st.sampled_from([None, True, False, 0, 7, -1.5, 1e9, 30, 503, 1234])
VALUES = st.one_of(TEXTS, SCALARS, st.lists(SCALARS | TEXTS, max_size=2), st.dictionaries(NAMES, TEXTS, max_size=2))
WHOLE = st.dictionaries(NAMES, VALUES, max_size=5).map(json.dumps)
CUTS = st.sampled_from(["", " ", "}", "x", ",", '"', "\t", "007", "1."])


def _broken(line: str, at: int, put: str) -> str:
    at %= len(line)
    return line[:at] + put + line[at + 1 :]


LINES = st.one_of(WHOLE, st.builds(_broken, WHOLE, st.integers(0, 200), CUTS))
