"""Whatever the bytes, the scan counts its lines as a simple reference does and gives every line one template."""

import codecs
from datetime import date

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from services.logs.reading import scan_upload

FRAGMENTS = st.sampled_from(
    [
        b"2026-11-22 07:01:02,345 ERROR [main] org.x.Pool - no connection",
        b"Nov 22 07:01:02 web1 sshd[1]: failed 3 times",
        b'{"level":"warn","msg":"slow","ms":12}',
        b"\tat org.x.Pool.get(Pool.java:12)",
        b"Caused by: java.io.IOException: closed",
        b"E1122 07:01:02.000000   1 main.go:1] x",
        b"key=value key=7 level=error msg=x",
        b"\x1b[31mred\x1b[0m",
        b"gr\xf6\xdfer",
        b"\n",
        b"\n",
        b"\r\n",
        b"\r",
        b" ",
        b"0",
        b"[[[[",
        b"{{{}",
        b"",
    ]
)
CONTENTS = st.one_of(
    st.lists(st.one_of(FRAGMENTS, st.binary(max_size=6)), max_size=40).map(b"".join), st.binary(max_size=200)
)


def reference(content):
    """The number of lines: LF ends one; CR only where there is no LF at all; the last needs no end."""
    content = content.removeprefix(codecs.BOM_UTF8)
    if b"\n" not in content:
        content = content.replace(b"\r", b"\n")
    return content.count(b"\n") + (not content.endswith(b"\n") and content != b"")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=CONTENTS)
def test_lines_and_templates_of_any_bytes(tmp_path, content):
    path = tmp_path / "any.log"
    path.write_bytes(content)
    scan = scan_upload(path, "any.log", today=date(2026, 11, 22))[0]
    assume(not scan.unread and (scan.encoding or "").startswith(("utf-8", "latin-1")))
    assert scan.line_count == len(scan.second_of_line) == reference(content)
    templates = [scan.template_of_shape[shape] for shape in scan.shape_of_line]
    for number, template in enumerate(scan.templates):
        lines = [line for line, of_line in enumerate(templates) if of_line == number]
        assert (template.count, template.first_line, template.last_line) == (len(lines), lines[0], lines[-1])
    for number, shape in enumerate(scan.shapes):
        lines = [line for line, of_line in enumerate(scan.shape_of_line) if of_line == number]
        assert (shape.count, shape.first_line, shape.last_line) == (len(lines), lines[0], lines[-1])


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=CONTENTS)
def test_the_same_bytes_give_the_same_templates(tmp_path, content):
    path = tmp_path / "any.log"
    path.write_bytes(content)
    one, other = (scan_upload(path, "any.log", today=date(2026, 11, 22))[0] for _ in range(2))
    assert one.templates == other.templates
    assert list(one.shape_of_line) == list(other.shape_of_line)
