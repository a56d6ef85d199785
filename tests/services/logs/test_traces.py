import pytest

from services.logs.traces import find_trace
from tests.services.logs.sample_traces import TRACES


@pytest.mark.parametrize("language", TRACES)
def test_head_root_and_own_frame(language):
    text, (head, root, own) = TRACES[language]
    lines = text.split("\n")
    trace = find_trace(lines)
    assert head in lines[trace.head]
    assert root in lines[trace.root]
    assert own in lines[trace.own_frame]


def test_what_is_no_trace():
    assert find_trace(["ERROR no connection", "IOError: closed"]) is None
    assert find_trace(["listing", "  at noon"]) is None


def test_only_library_frames_leave_no_own_frame():
    trace = find_trace(["java.io.IOException: closed", "\tat java.io.File.read(File.java:1)"])
    assert (trace.head, trace.root, trace.own_frame) == (0, 0, None)
