def test_the_timeline_runs_from_the_onset_to_the_last_abnormal_line(diagnosed, service_lines):
    log = service_lines(300)
    for number in (100, 110, 120):
        log[number] = (
            f"2026-11-22 07:{number // 60:02d}:{number % 60:02d} ERROR org.x.Db - connection refused, try {number}"
        )
    timeline = diagnosed(log).timeline
    assert [(entry.refs[0].line, entry.at.strftime("%H:%M:%S")) for entry in timeline] == [
        (100, "07:01:40"),
        (120, "07:02:00"),
    ]
    assert "3 abnormal lines" in timeline[-1].text


def test_without_times_the_onset_is_the_first_abnormal_line(diagnosed):
    onset = diagnosed(["cc a.c", "a.c:1:1: error: no such thing", "make: *** [a] Error 1"]).onset
    assert (onset.ref.line, onset.at) == (1, None)
