import time
from datetime import date

import pytest

from services.logs.headers import parse_line
from services.logs.levels import Level

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "message", "level", "component"),
    [
        ("2026-11-22 07:01:02,345 ERROR [main] org.x.Pool - no connection", "no connection", Level.ERROR, "org.x.Pool"),
        ("[2026-11-22 07:00:49] INFO: Health check completed", "Health check completed", Level.INFO, None),
        ("Nov 22 07:01:02 web1 sshd[24200]: Invalid user x", "Invalid user x", None, "sshd"),
        ("E1122 07:01:02.345678   1 main.go:1] cannot list pods", "cannot list pods", Level.ERROR, "main.go"),
        ("[Sun Dec 04 04:47:44 2005] [error] mod_jk child failed", "mod_jk child failed", Level.ERROR, None),
        ("20171223-22:15:29:606|Step_LSC|30002312|onExtend", "onExtend", None, "Step_LSC"),
        ("db-1  | 2026-11-22 07:01:02.345 UTC [1] FATAL:  no space", "no space", Level.FATAL, "db-1"),
        ("[pod/web-7/app] 2026-11-22T07:01:02Z stdout F WARN slow", "slow", Level.WARNING, "pod"),
        ("2026-03-12 14:06:02.000 UTC [40941] app@shop LOG:  still waiting", "still waiting", Level.INFO, None),
        ("ERROR: Could not find a version", "Could not find a version", Level.ERROR, None),
        ("Error handling is described below", "Error handling is described below", None, None),
        ("2026-11-22 07:01:02 failure to connect", "failure to connect", None, None),
        ("2026-11-22 07:01:02 failure: no route", "no route", Level.ERROR, None),
        ("E   NameError: name 'x' is not defined", "NameError: name 'x' is not defined", Level.ERROR, None),
        ("plain words only", "plain words only", None, None),
        ('2026-11-22T07:01:02Z\tERROR\tstore\tlost it\t{"try": 3}', 'lost it\t{"try": 3}', Level.ERROR, "store"),
        ('2026-11-22T07:01:02Z INFO retrying {"try": 3}', 'retrying {"try": 3}', Level.INFO, None),
    ],
)
def test_headers_are_taken_off(text, message, level, component):
    parsed = parse_line(text, today=TODAY)
    assert parsed.level == level
    if message is not None:
        assert parsed.message == message
    if component != "pod":
        assert parsed.component == component


@pytest.mark.parametrize(
    ("prefix", "component", "pod"),
    [
        ("cart-1  | ", "cart-1", None),
        ("[pod/cart-7d9f8b6c5-x2x4z/cart] ", "cart-7d9f8b6c5-x2x4z/cart", "cart-7d9f8b6c5-x2x4z"),
        ("cart-7d9f8b6c5-x2x4z cart ", "cart", "cart-7d9f8b6c5-x2x4z"),
        ("cart-7d9f8b6c5-x2x4z \u203a istio-proxy ", "istio-proxy", "cart-7d9f8b6c5-x2x4z"),
        ("cart-0 cart ", "cart", "cart-0"),
    ],
)
@pytest.mark.parametrize(
    "line",
    [
        "E1122 07:01:02.345678       1 store.go:138] lost it",
        "2026-11-22T07:01:02.345Z ERROR lost it",
        '{"ts":"2026-11-22T07:01:02Z","level":"error","msg":"lost it"}',
        'ts=2026-11-22T07:01:02Z level=error msg="lost it"',
    ],
)
def test_a_container_s_prefix_hides_nothing_of_the_line_s_own_header(prefix, component, pod, line):
    parsed = parse_line(prefix + line, today=TODAY)
    assert (parsed.component, parsed.pod, parsed.level) == (component, pod, Level.ERROR)
    assert (parsed.message, parsed.stamp.moment) == ("lost it", parse_line(line, today=TODAY).stamp.moment)


@pytest.mark.parametrize(
    ("row", "component", "message"),
    [
        ("2026-11-22T07:01:02Z,cart,ERROR,lost it", "cart", "lost it"),
        ('2026-11-22T07:01:02Z,10.0.0.1,cart,error,"lost it, twice"', "cart", "lost it, twice"),
        ('"2026-11-22T07:01:02Z","cart","ERROR","lost it"', "cart", "lost it"),
        ("2026-11-22 07:01:02\tERROR\tcart\tlost it", "cart", "lost it"),
    ],
)
def test_the_row_of_a_table_names_service_and_level(row, component, message):
    parsed = parse_line(row, today=TODAY)
    assert (parsed.component, parsed.level, parsed.message) == (component, Level.ERROR, message)


@pytest.mark.parametrize(
    "text",
    ["re-run re started", "test-suite test failed", "cart-1 lost its ERROR", "2026-11-22 07:01:02 a, b, error, c"],
)
def test_prose_is_neither_a_container_s_prefix_nor_a_row(text):
    parsed = parse_line(text, today=TODAY)
    assert (parsed.component, parsed.pod, parsed.level) == (None, None, None)


def test_json_is_read_by_its_usual_keys():
    parsed = parse_line(
        '{"timestamp":"2026-11-22T07:01:02Z","severity":"error","service":"pay","message":"no","error":"EOF","status":503}',
        today=TODAY,
    )
    assert (parsed.style, parsed.level, parsed.component) == ("json", Level.ERROR, "pay")
    assert parsed.message == "no EOF status=503"
    assert parsed.stamp is not None


def test_logfmt_is_read_by_its_usual_keys():
    parsed = parse_line('ts=2026-11-22T07:01:02Z level=warn msg="disk slow" logger=store free=3', today=TODAY)
    assert (parsed.style, parsed.level, parsed.component, parsed.message) == (
        "logfmt",
        Level.WARNING,
        "store",
        "disk slow",
    )


@pytest.mark.parametrize("text", ['{"a": ', "{" * 5000 + "}", "{}", '{"message": {"nested": 1}}', "[" * 3000 + "]"])
def test_what_only_looks_like_json_is_text(text):
    assert parse_line(text, today=TODAY).message


@pytest.mark.parametrize(
    "part",
    [
        "2026-11-22 07:01:02 ",
        "E1122 07:01:02 ",
        "a-",
        "a-a a ",
        "2026-11-22 07:01:02,a,",
        "a$",
        "[",
        "[a]",
        "a. ",
        "A1 ",
        "a=",
        '{"a":',
        " (a.b",
        "a@",
        "1#1",
    ],
)
def test_a_hostile_line_costs_milliseconds(part):
    text = "2026-11-22 07:01:02 " + part * (16_000 // len(part))
    started = time.process_time()
    parse_line(text, today=TODAY)
    assert time.process_time() - started < 0.5
