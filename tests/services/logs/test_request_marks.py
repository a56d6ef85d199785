import pytest

from services.logs.request_marks import RequestMarks, request_marks


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ('{"trace_id":"4bf92f3577b34da6","status":503,"latency_ms":1200.5}', ("4bf92f3577b34da6", 503, 1200.5)),
        ("level=error request_id=abc-123-def status=404 duration=1.5s", ("abc-123-def", 404, 1500.0)),
        ('1.2.3.4 - - [22/Nov/2026:07:01:02 +0000] "GET /x HTTP/1.1" 502 12 "-" "curl/8"', (None, 502, None)),
        ("[req-38101a0b-2096-447d-96ea-a692162415ae 113] done", ("38101a0b-2096-447d-96ea-a692162415ae", None, None)),
        ("Completed 500 after it took 250us", (None, None, 0.25)),
        ("upstream answered HTTP/1.1 504 Gateway Timeout", (None, 504, None)),
        ("elapsed=3 retries left", (None, None, None)),
        ("nothing to see", (None, None, None)),
    ],
)
def test_marks(text, marks):
    assert request_marks(text) == RequestMarks(*marks)
