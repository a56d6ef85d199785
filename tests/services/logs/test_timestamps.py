from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.logs.timestamps import COMMONEST_LAYOUT, OTHER_LAYOUTS, find_stamp, first_layout

TODAY = date(2026, 11, 22)
LAYOUTS = [COMMONEST_LAYOUT, *(find for _, find in OTHER_LAYOUTS)]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22T07:01:02.345Z INFO x", "2026-11-22T07:01:02.345000+00:00"),
        ("2026-11-22 07:01:02,345 INFO x", "2026-11-22T07:01:02.345000+00:00"),
        ("2026-11-22T07:01:02+02:00 x", "2026-11-22T05:01:02+00:00"),
        ("2026-11-22T07:01:02-0530 x", "2026-11-22T12:31:02+00:00"),
        ("[22/Nov/2026:07:01:02 +0100] GET", "2026-11-22T06:01:02+00:00"),
        ("Nov 22 07:01:02 host sshd[1]: x", "2026-11-22T07:01:02+00:00"),
        ("Dec 24 07:01:02 host sshd[1]: x", "2025-12-24T07:01:02+00:00"),
        ("[Sun Dec 04 04:47:44 2005] [notice] x", "2005-12-04T04:47:44+00:00"),
        ("E1122 07:01:02.345678 1 main.go:1] x", "2026-11-22T07:01:02.345678+00:00"),
        ("03-17 16:13:38.811 1702 2395 D Tag: x", "2026-03-17T16:13:38.811000+00:00"),
        ("17/06/09 20:10:40 INFO x", "2017-06-09T20:10:40+00:00"),
        ("081109 203615 148 INFO dfs.X: x", "2008-11-09T20:36:15+00:00"),
        ("20171223-22:15:29:606|Step|x", "2017-12-23T22:15:29.606000+00:00"),
        ('{"ts":1795330862.5,"msg":"x"}', "2026-11-22T07:01:02.500000+00:00"),
        ('{"level":30,"time":1795330862123}', "2026-11-22T07:01:02.123000+00:00"),
        ("Error\t11/22/2026 7:01:02 AM\tx", "2026-11-22T07:01:02+00:00"),
        ("22/11/2026 07:01:02 x", "2026-11-22T07:01:02+00:00"),
        ("3/4/2026 12:01:02 PM x", "2026-03-04T12:01:02+00:00"),
        ("[10.30 16:49:06] chrome.exe - x", "2026-10-30T16:49:06+00:00"),
        ("134681 node-246 unix.hw up 1795330862 1 x", "2026-11-22T07:01:02+00:00"),
        ("1795330862: New connection", "2026-11-22T07:01:02+00:00"),
        ("[1795330862] HOST ALERT", "2026-11-22T07:01:02+00:00"),
        ("__REALTIME_TIMESTAMP=1795330862000000", "2026-11-22T07:01:02+00:00"),
        ("2026/11/22 07:01:02 [error] 1#2: x", "2026-11-22T07:01:02+00:00"),
    ],
)
def test_layouts(text, moment):
    assert find_stamp(text, today=TODAY).moment.isoformat() == moment


@pytest.mark.parametrize(
    "text",
    [
        "no time here",
        "2026-02-31 07:00:00 x",
        "2026-00-15 07:00:00 x",
        "version 1.2.3",
        "Step 3 of 10",
        "10.0.0.1:8080 up",
        "made 12 of 1795330862 x",
        "1795330862 alignment exceptions",
        "id 12345678",
    ],
)
def test_what_is_no_time(text):
    assert find_stamp(text, today=TODAY) is None


def test_a_zone_that_changes_within_a_file_is_followed():
    lines = ["2026-10-25T02:30:00+02:00 summer", "2026-10-25T02:30:00+01:00 winter"]
    summer, winter = (find_stamp(line, today=TODAY).moment for line in lines)
    assert winter - summer == timedelta(hours=1)


def layout_found_without_gates(text):
    found, end = None, 240
    for find in LAYOUTS:
        match = find(text, 0, end)
        if match and (found is None or match.start() < found.start()):
            found, end = match, match.start() + 40
            if match.start() <= 1:
                break
    return found


@pytest.mark.parametrize("find", LAYOUTS, ids=lambda find: find.__self__.pattern[:30])
@settings(max_examples=30, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow], deadline=None)
@given(draw=st.data())
def test_what_layouts_are_looked_for_by_hides_none(find, draw):
    before = draw.draw(st.sampled_from(["", " ", "x ", "1 ", "12345", '{"a": ', "1795330862 ", "7:01:02 "]))
    text = before + draw.draw(st.from_regex(find.__self__))
    expected, found = layout_found_without_gates(text), first_layout(text)
    assert (found and (found.re, found.span())) == (expected and (expected.re, expected.span()))
