"""The part of jq that rules use: its answers, what it refuses, and the texts it says a line must hold."""

import json

import pytest

from services.problems import jq

ENTRY = {
    "event": "Worker Crash",
    "code": 503,
    "ok": False,
    "none": None,
    "http": {"status": 500, "path": "/api/x"},
    "tags": ["a", "b"],
    "errors": [{"kind": "io"}, {"kind": "net"}],
    "odd key": 1,
}


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        (".event", True),
        (".missing", False),
        (".ok", False),
        ('.event == "Worker Crash"', True),
        ('.event != "Worker Crash"', False),
        ('.missing != "x"', True),
        (".code >= 500 and .code < 600", True),
        (".code == 503.0", True),
        (".code > 600 or .http.status == 500", True),
        ('select(.event | test("crash$"; "i"))', True),
        ('select(.event | test("crash$"))', False),
        ('.event | contains("Crash")', True),
        ('.event | startswith("Worker")', True),
        ('.event | endswith("Worker")', False),
        ('.event | ascii_downcase | contains("crash")', True),
        ('.missing | contains("x")', False),
        ('.missing? | test("x")?', False),
        (".tags[0]", True),
        ('.tags[-1] == "b"', True),
        (".tags[9]", False),
        ('.tags[] == "b"', True),
        ('.errors[] | select(.kind == "net")', True),
        ('any(.tags[]; . == "b")', None),
        ('.tags | any(. == "b")', True),
        ('.tags | all(. == "b")', False),
        (".tags | length == 2", True),
        ('has("code")', True),
        ('has("cod")', False),
        (".ok | not", True),
        ('.["odd key"] == 1', True),
        ('."odd key" == 1', True),
        ('.none // "default" | . == "default"', True),
        (".http.path, .missing", True),
        ('.code | type == "number"', True),
        ('.code | tostring == "503"', True),
        ('.http["status"] > 499', True),
        (".event > 5", True),  # strings come after numbers in jq's order
        (".event.deeper", False),
        ('"\\u0057orker Crash" == .event', True),
        ("(.code == 503) and (.ok == false)", True),
        ("true", True),
        ("null", False),
    ],
)
def test_a_query_answers_as_jq_does(query, answer):
    if answer is None:
        with pytest.raises(ValueError, match="not supported"):
            jq.parse(query)
    else:
        assert jq.parse(query).matches(ENTRY) is answer


@pytest.mark.parametrize(
    "query", ["", ".a |", "def f: f; f", "repeat(.)", "$x", ".a + 1", "reduce .[] as $x (0; .)", "(.a", "[.a]", "{a: 1}", 'test("(")', '"\\(.a)"', "." * 3_000, "(" * 900 + "." + ")" * 900]
)  # fmt: skip
def test_what_is_beyond_it_is_refused(query):
    with pytest.raises(ValueError, match=r"\S"):
        jq.parse(query)


@pytest.mark.parametrize(
    ("query", "needed"),
    [
        ('.event == "crash"', {r'"event"\s*:\s*"crash"'}),
        ('select(.a == "x y" and .n > 3)', {r'"a"\s*:\s*"x\ y"'}),
        ('.a == "x" or .b == "y"', {r'"a"\s*:\s*"x"', r'"b"\s*:\s*"y"'}),
        ('.a == "x" or .n > 3', set()),
        ('.a != "x"', set()),
        ('.a == "x" | not', set()),
        ('.a == "with \\"quotes\\""', {"a"}),
        ('.msg | test("a|b")', {"msg"}),
        ('.msg | ascii_downcase | contains("err")', {"err"}),
        ('.msg | type == "null"', set()),
        ('.msg | tostring == "null"', set()),
        (".a == null", set()),
        (".a.b", {"b"}),
        ('.tags[] == "b"', set()),
    ],
)
def test_a_line_must_hold_one_of_the_needed_patterns(query, needed):
    assert jq.parse(query).needed == needed


def test_a_line_of_many_values_is_cut_off():
    wide = {"a": list(range(100_000))}
    assert jq.parse(".a[] == .a[]").matches(wide)
    assert not jq.parse(".a[] > 200000").matches(wide)


def test_a_line_nested_deep_is_no_match():
    nested = json.loads("[" * 500 + "]" * 500)
    assert not jq.parse(".a").matches(nested)
