from dataclasses import replace

import pytest

from services.diagnosis.line_sources import components_of, level_of
from services.logs.levels import Level


def test_a_column_of_a_table_names_the_service(scanned):
    lines = ["time,service,severity,msg", *['2026-11-22T07:00:00Z,cart,INFO,"one, two"'] * 3]
    assert list(components_of(scanned([*lines, "2026-11-22T07:00:00Z,mail,INFO,sent"]))) == ["service", "cart", "mail"]


def test_of_several_columns_the_one_that_the_heading_calls_service_counts(scanned):
    rows = [f"2026-11-22T07:00:0{n}Z,cart,web-{n},INFO,one" for n in range(3)]
    assert set(components_of(scanned(["time,service,host,severity,msg", *rows]))) == {"service", "cart"}


def test_the_first_word_names_it_where_a_tool_joined_logs(scanned):
    lines = [f"{name} 2026-11-22 07:00:00 said something" for name in ("cart-5331f6fb0-d0613", "mail-77d1aa5b9-x2x4z")]
    assert set(components_of(scanned(lines * 5))) == {"cart", "mail"}


def test_prose_names_nothing(scanned):
    lines = [f"{word} happened here" for word in ("nothing", "something", "all", "much")] + ["it went on"] * 9
    assert set(components_of(scanned(lines))) <= {None}


def test_what_lines_say_of_themselves_is_believed(scanned):
    lines = ['{"level": "info", "service": "cart", "message": "one"}'] * 5
    assert set(components_of(scanned(lines))) == {"cart"}


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("cart,WARN,slow", Level.WARNING),
        ("cart-1 cart 2026-11-22 07:00:00 ERROR [x] slow", Level.ERROR),
        ("cart E1122 07:00:00.123 main.go:7] slow", Level.ERROR),
        ("no error in sight", None),
    ],
)
def test_the_level_is_found_behind_what_a_tool_put_in_front(scanned, line, level):
    assert level_of(replace(scanned([line]).shapes[0], level=None)) == level
