"""Counts of each window, the same for a small file and for the packed columns of a large one."""

import dataclasses
import random

import pytest

from services.logs import columns
from services.pictures.rates import medians_of, rates_of
from services.pictures.windows import Windows, windows_over
from tests.services.pictures.conftest import BEGIN, outage, stamped

START = int(BEGIN.timestamp())


def packed(scan):
    return dataclasses.replace(
        scan,
        shape_of_line=columns.packed(scan.shape_of_line),
        second_of_line=columns.packed(scan.second_of_line, is_rising=True),
    )


def test_lines_and_errors_are_counted_where_they_were_logged(scanned):
    lines = [stamped(second, "INFO app: fine") for second in range(60)]
    lines += [stamped(30, "ERROR app: broken")] * 5 + [stamped(31, "FATAL app: gone")]
    scans = scanned(lines)
    rates = rates_of(scans, Windows(START, 10, 6))
    assert rates.lines == (10, 10, 10, 16, 10, 10)
    assert rates.errors == (0, 0, 0, 6, 0, 0)


def test_a_line_without_a_time_counts_with_the_one_above(scanned):
    lines = [
        stamped(0, "INFO app: fine"),
        stamped(25, "ERROR app: broken"),
        "Traceback (most recent call last):",
        "  frame",
    ]
    rates = rates_of(scanned([*lines, *[stamped(50, "INFO app: fine")] * 9]), Windows(START, 10, 6))
    assert rates.lines == (1, 0, 3, 0, 0, 9)


def test_where_lines_bear_no_level_what_reads_like_an_error_is_one(scanned):
    lines = [stamped(second, "GET /cart answered") for second in range(20)] + [
        stamped(20, "panic: runtime error: index out of range")
    ]
    assert rates_of(scanned(lines), Windows(START, 10, 3)).errors == (0, 0, 1)


def test_several_files_are_counted_together(scanned):
    log = [stamped(second, "INFO app: fine") for second in range(20)]
    assert rates_of(scanned(log, log), Windows(START, 10, 2)).lines == (20, 20)


def test_what_lies_outside_is_not_counted(scanned):
    log = [stamped(second, "INFO app: fine") for second in range(100)]
    assert sum(rates_of(scanned(log), Windows(START + 10, 10, 3)).lines) == 30


@pytest.mark.parametrize("line_count", [1, 999, columns_chunk := 32_768, columns_chunk + 1, 70_000])
def test_packed_columns_count_the_same(scanned, line_count):
    dice = random.Random(line_count)
    lines = []
    for number in range(line_count):
        message = dice.choice(["INFO app: fine", "ERROR app: broken", "  a frame", "  another frame"])
        lines.append(message if message.startswith(" ") else stamped(number // 30, message))
    (scan,) = scanned(lines)
    windows = windows_over([scan], around=0) or Windows(START, 10, 5)
    assert rates_of([packed(scan)], windows) == rates_of([scan], windows)


def test_a_field_has_its_middle_value_in_each_window(scanned):
    (scan,) = scanned([line for line in outage() if "13:07" not in line])
    (series,) = [series for series in scan.fields if series.name == "response_time_ms"]
    medians = medians_of(scan, series, Windows(START, 60, 20))
    assert medians[:10] == (20, 20, 20, 20, 20, 20, 20, None, pytest.approx(20, abs=20), pytest.approx(90, abs=20))
    assert medians_of(packed(scan), series, Windows(START, 60, 20)) == medians
