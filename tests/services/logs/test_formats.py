import pytest

from services.logs.formats import format_of


@pytest.mark.parametrize(
    ("kinds", "name"),
    [
        ([("header", "2026-11-22 07:00:00 INFO x", 10)], "application"),
        ([("json", '{"a":1}', 10), ("plain", "x", 2)], "json"),
        ([("header", "Nov 22 07:01:02 web1 sshd[24200]: x", 5)], "syslog"),
        ([("header", '1.2.3.4 - - [22/Nov/2026:07:01:02 +0000] "GET / HTTP/1.1" 200 3', 5)], "access log"),
        ([("header", "<11>1 2026-11-22T07:01:02Z web1 api - - - no space left", 5)], "syslog"),
        ([("plain", "MESSAGE=Failed to start", 5)], "journal export"),
        ([("json", '{"PRIORITY":"3","__REALTIME_TIMESTAMP":"1795330862000000"}', 5)], "journal json"),
        ([("json", '{"log":"x\\n","stream":"stderr","time":"2026-11-22T07:01:02Z"}', 5)], "docker json"),
        ([("header", "[Sun Nov 22 07:01:02.0 2026] [core:error] x", 5)], "apache error"),
        ([("header", "1:M 22 Nov 2026 07:01:02.345 # x", 5)], "redis"),
        ([("header", "E, [2026-11-22T07:01:02.3 #12] ERROR -- : x", 5)], "rails"),
        ([("header", "2026-11-22T07:01:02.3Z 8 [ERROR] [MY-012574] [InnoDB] x", 5)], "mysql error"),
        ([("header", "2026-03-12 14:06:02.000 UTC [40941] app@shop ERROR:  x", 5)], "postgres"),
        ([("header", "web-1  | 2026-11-22 07:01:02 ERROR x", 5)], "compose"),
        ([("header", "2026-11-22T07:01:02.345Z stderr F x", 5)], "cri"),
        ([("header", "[pod/web-7f/app] x", 5)], "kubectl"),
        ([("header", "E1122 07:01:02.345678   1 main.go:1] x", 5)], "klog"),
        ([("header", "2026/11/22 07:01:02 [error] 31#31: x", 5)], "nginx error"),
        ([("plain", "cc -c x.c", 500), ("plain", "travis_fold:start:x", 1)], "travis build"),
        ([("plain", "words", 3)], "plain"),
        ([], "plain"),
    ],
)
def test_formats(kinds, name):
    assert format_of(kinds) == name
