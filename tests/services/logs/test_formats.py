import pytest

from services.logs.formats import format_of


@pytest.mark.parametrize(
    ("kinds", "name"),
    [
        ([("header", "2026-11-22 07:00:00 INFO x", 10)], "application"),
        ([("json", '{"a":1}', 10), ("plain", "x", 2)], "json"),
        ([("header", "Nov 22 07:01:02 web1 sshd[24200]: x", 5)], "syslog"),
        ([("header", '1.2.3.4 - - [22/Nov/2026:07:01:02 +0000] "GET / HTTP/1.1" 200 3', 5)], "access log"),
        ([("plain", "cc -c x.c", 500), ("plain", "travis_fold:start:x", 1)], "travis build"),
        ([("plain", "words", 3)], "plain"),
        ([], "plain"),
    ],
)
def test_formats(kinds, name):
    assert format_of(kinds) == name
