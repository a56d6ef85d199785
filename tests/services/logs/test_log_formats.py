"""Each format people upload, taken apart: a line of it in, its fields out."""

from datetime import date

import pytest

from services.logs.headers import parse_line
from services.logs.levels import Level
from services.logs.reading import scan_upload

TODAY = date(2026, 11, 22)
NOON = "2026-11-22T07:01:02+00:00"
FORMATS = {
    "JSON lines": (
        '{"timestamp":"2026-11-22T07:01:02Z","level":"error","logger":"pay","host":"web1","thread":"t-1","message":"no"}',
        {"message": "no", "level": Level.ERROR, "component": "pay", "host": "web1", "thread": "t-1"},
    ),
    "logfmt": (
        'ts=2026-11-22T07:01:02Z level=warn caller=main.go:12 msg="disk slow" host=web1',
        {"message": "disk slow", "level": Level.WARNING, "host": "web1"},
    ),
    "syslog RFC 3164": (
        "<34>Nov 22 07:01:02 web1 su: 'su root' failed",
        {"message": "'su root' failed", "level": Level.FATAL, "component": "su", "host": "web1"},
    ),
    "syslog of a file": (
        "Nov 22 07:01:02 web1 sshd(pam_unix)[19939]: authentication failure",
        {"message": "authentication failure", "component": "sshd", "host": "web1"},
    ),
    "syslog RFC 5424": (
        '<165>1 2026-11-22T07:01:02Z web1.example.com app 12 ID47 [x@32473 iut="3" y="a b"] An event',
        {"message": "An event", "level": Level.INFO, "component": "app", "host": "web1.example.com"},
    ),
    "syslog RFC 5424 without structured fields": (
        "<11>1 2026-11-22T07:01:02Z web1 api - - - no space left",
        {"message": "no space left", "level": Level.ERROR, "component": "api"},
    ),
    "journalctl short": (
        "Nov 22 07:01:02 web1 systemd[1]: nginx.service: Failed with result 'exit-code'.",
        {"message": "nginx.service: Failed with result 'exit-code'.", "component": "systemd", "host": "web1"},
    ),
    "journalctl short-iso": (
        "2026-11-22T07:01:02+0000 web1 nginx[12]: bind() failed",
        {"message": "bind() failed", "component": "nginx", "host": "web1"},
    ),
    "journalctl JSON": (
        '{"__REALTIME_TIMESTAMP":"1795330862000000","PRIORITY":"3","_HOSTNAME":"web1","_PID":"1","MESSAGE":"Failed"}',
        {"message": "Failed", "level": Level.ERROR, "host": "web1"},
    ),
    "klog": (
        "E1122 07:01:02.000000   1 main.go:1] cannot list pods",
        {"message": "cannot list pods", "level": Level.ERROR, "component": "main.go"},
    ),
    "docker json-file": (
        '{"log":"ERROR [main] org.x.Pool - no connection\\n","stream":"stderr","time":"2026-11-22T07:01:02Z"}',
        {"message": "[main] org.x.Pool - no connection", "level": Level.ERROR},
    ),
    "docker compose": (
        "web-1  | 2026-11-22 07:01:02 ERROR no route",
        {"message": "no route", "level": Level.ERROR, "component": "web-1"},
    ),
    "CRI": (
        "2026-11-22T07:01:02.000000000Z stdout F WARN slow",
        {"message": "slow", "level": Level.WARNING},
    ),
    "CRI around logfmt": (
        '2026-11-22T07:01:02.000000000Z stderr F level=error msg="no route" err=EOF',
        {"message": "no route EOF", "level": Level.ERROR},
    ),
    "kubectl --prefix": (
        "[pod/web-7f/app] 2026-11-22T07:01:02Z WARN slow",
        {"message": "slow", "level": Level.WARNING, "component": "web-7f/app", "pod": "web-7f"},
    ),
    "access log": (
        '1.2.3.4 - - [22/Nov/2026:07:01:02 +0000] "GET /x HTTP/1.1" 503 12 "-" "curl/8"',
        {"message": '"GET /x HTTP/1.1" 503 12 "-" "curl/8"', "component": None},
    ),
    "nginx error": (
        "2026/11/22 07:01:02 [error] 31#31: *3 connect() failed (111: Connection refused)",
        {"message": "*3 connect() failed (111: Connection refused)", "level": Level.ERROR},
    ),
    "apache error": (
        "[Sun Nov 22 07:01:02.000000 2026] [core:error] [pid 35708:tid 43] [client 72.15.99.187] no such file: /x",
        {"message": "no such file: /x", "level": Level.ERROR},
    ),
    "Postgres": (
        "2026-11-22 07:01:02.000 UTC [40941] app@shop ERROR:  deadlock detected",
        {"message": "deadlock detected", "level": Level.ERROR},
    ),
    "Postgres before the login": (
        "2026-11-22 07:01:02.000 UTC [40941] [unknown]@[unknown] LOG:  connection received: host=::1",
        {"message": "connection received: host=::1", "level": Level.INFO},
    ),
    "MySQL keeps the error's code": (
        "2026-11-22T07:01:02.000000Z 8 [ERROR] [MY-012574] [InnoDB] Unable to lock ./ibdata1",
        {"message": "[MY-012574] [InnoDB] Unable to lock ./ibdata1", "level": Level.ERROR},
    ),
    "Redis": (
        "1:M 22 Nov 2026 07:01:02.000 # Server initialized",
        {"message": "Server initialized", "level": Level.WARNING},
    ),
    "Kafka": (
        "[2026-11-22 07:01:02,000] ERROR [KafkaServer id=0] Fatal error (kafka.server.KafkaServer)",
        {"message": "Fatal error", "level": Level.ERROR, "component": "kafka.server.KafkaServer"},
    ),
    "ZooKeeper": (
        "2026-11-22 07:01:02,000 [myid:1] - WARN  [QuorumPeer[myid=1]/0:0:0:2181:Follower@89] - Exception when following",
        {"message": "Exception when following", "level": Level.WARNING},
    ),
    "a name after the dash is the message": (
        "2026-11-22 07:01:02,000 - INFO  [main:Manager@78] - autopurge.interval set to 3",
        {"message": "autopurge.interval set to 3", "level": Level.INFO, "thread": "main:Manager@78"},
    ),
    "Spring Boot": (
        "2026-11-22 07:01:02.000  INFO 1 --- [nio-8080-exec-1] o.s.web.Dispatcher : Completed",
        {
            "message": "Completed",
            "level": Level.INFO,
            "component": "o.s.web.Dispatcher",
            "thread": "nio-8080-exec-1",
        },
    ),
    "Python logging": (
        "2026-11-22 07:01:02,000 - app.db - ERROR - no connection",
        {"message": "no connection", "level": Level.ERROR, "component": "app.db"},
    ),
    "Rails": (
        "E, [2026-11-22T07:01:02.000000 #1234] ERROR -- : ActionView::Template::Error",
        {"message": "ActionView::Template::Error", "level": Level.ERROR},
    ),
    "Windows servicing": (
        "2026-11-22 07:01:02, Info                  CBS    Loaded Servicing Stack",
        {"message": "CBS    Loaded Servicing Stack", "level": Level.INFO},
    ),
    "Windows event viewer": (
        "Error\t11/22/2026 7:01:02 AM\tService Control Manager\t7031\tNone\tThe service terminated",
        {"message": "Service Control Manager\t7031\tNone\tThe service terminated", "level": Level.ERROR},
    ),
    "GitHub Actions": (
        "build\tRun tests\t2026-11-22T07:01:02.0000000Z ##[error]Process completed with exit code 1.",
        {"message": "##[error]Process completed with exit code 1."},
    ),
    "GitLab": (
        "2026-11-22T07:01:02.000000Z 00O npm ERR! missing script",
        {"message": "npm ERR! missing script"},
    ),
    "Jenkins": ("[2026-11-22T07:01:02.000Z] + make test", {"message": "+ make test"}),
    "Android": (
        "11-22 07:01:02.000  1702  2395 W WindowManager: no focus",
        {"message": "no focus", "level": Level.WARNING, "component": "WindowManager"},
    ),
    "columns with an epoch": (
        "134681 node-246 boot_cmd new 1795330862 -1 not responding",
        {"message": "not responding"},
    ),
    "two times, the second of syslog": (
        "- 1795330862 2026.11.22 en257 Nov 22 07:01:02 local@en257 kernel: log source started",
        {"message": "log source started", "component": "kernel", "host": "local@en257"},
    ),
    "two times": (
        "- 1795330862 2026.11.22 dn228 Nov 22 07:01:02 dn228/dn228 crond(pam_unix)[2915]: session closed",
        {"message": "session closed", "component": "crond", "host": "dn228/dn228"},
    ),
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_line_of_each_format(name):
    line, expected = FORMATS[name]
    parsed = parse_line(line, today=TODAY)
    assert {key: getattr(parsed, key) for key in expected} == expected
    assert parsed.stamp.moment.isoformat() == NOON


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("MESSAGE=Failed to start nginx", {"message": "Failed to start nginx"}),
        ("PRIORITY=3", {"level": Level.ERROR}),
        ("07:01:02.345 [main] INFO  c.e.App - started", {"message": "started", "component": "c.e.App"}),
        ("ERROR:app.db:no connection", {"message": "no connection", "level": Level.ERROR, "component": "app.db"}),
        ("Level:         Error", {"level": Level.ERROR}),
        ("travis_time:start:0a1b$ make test", {"message": " make test"}),
        ("07:01:02 3 tests failed", {"message": "07:01:02 3 tests failed"}),
    ],
)
def test_lines_without_a_date(line, expected):
    parsed = parse_line(line, today=TODAY)
    assert {key: getattr(parsed, key) for key in expected} == expected
    assert parsed.stamp is None


def test_a_number_in_front_of_prose_is_the_messages():
    assert parse_line("2026-11-22T07:01:02Z 3 tests failed", today=TODAY).message == "3 tests failed"


def test_several_formats_in_one_file_are_each_read_by_their_own(tmp_path):
    lines = [line for line, _ in FORMATS.values()] * 2
    path = tmp_path / "mixed.log"
    path.write_text("\n".join(lines) + "\n")
    scan = scan_upload(path, "mixed.log", today=TODAY)[0]
    read = [scan.shape(line) for line in range(len(lines))]
    expected = [parse_line(line, today=TODAY) for line in lines]
    assert [shape.level for shape in read] == [parsed.level for parsed in expected]
    assert {scan.moment_of(line).isoformat() for line in range(len(lines))} == {NOON}
