from services.diagnosis import landmarks
from services.diagnosis.ranking import rank

COMPILING = [f"cc -c file{number}.c" for number in range(40)]


def best(scan, **options):
    return rank(scan, **options).heads(1)[0][0]


def test_the_error_comes_before_those_that_only_report_it(scanned):
    build = [*COMPILING, "file7.c:3:1: error: unknown type name 'fd_set'", "make: *** [all] Error 2", "exited with 2"]
    assert best(scanned(build)) == 40


def test_a_cause_without_error_words_stands_before_the_first_report(scanned):
    build = [*COMPILING, "the lock file is out of date with the manifest", "npm ERR! code ELIFECYCLE", "exited with 1"]
    ranked = [line for line, _ in rank(scanned(build)).heads(3)]
    assert 40 in ranked


def test_what_a_failure_section_explains_beats_its_progress_line(scanned):
    build = ["test_pool FAILED", "test_io passed", "FAILURES:", "Pool drains: expected 3 but got 4", "exited with 1"]
    assert best(scanned(build)) == 3


def test_the_first_of_its_likes_is_meant(scanned, service_lines):
    log = [*service_lines(50)]
    for number in (10, 20, 30):
        log.insert(number, f"2026-11-22 07:00:{number} ERROR org.x.Api - connection refused to db{number}")
    assert best(scanned(log)) == 10


def test_ten_different_lines_before_ten_copies(scanned):
    log = [f"ERROR: worker {number} failed" for number in range(30)] + ["ERROR: disk full"]
    heads = [line for line, _ in rank(scanned(log)).heads(10)]
    assert len(heads) == 2


def test_lines_of_a_good_run_are_known(scanned):
    log = ["ERROR: only today", *COMPILING, "ERROR: harmless and always there"]
    assert best(scanned(log)) == 41
    assert best(scanned(log), known_skeletons={"harmless and always there"}) == 0


def test_a_very_long_file_is_ranked_by_its_kinds_of_line(scanned, service_lines, monkeypatch):
    monkeypatch.setattr(landmarks, "MAX_LINES_LOOKED_AT", 1000)
    log = service_lines(3000)
    log.insert(1500, "2026-11-22 07:25:00 ERROR org.x.Db - deadlock detected")
    ranking = rank(scanned(log))
    assert len(ranking.landmarks.lines) < 200
    assert ranking.heads(1)[0][0] == 1500
    assert ranking.first_hot == 1500


def test_where_the_failing_step_ended_is_known(scanned):
    build = [
        "$ make",
        "The command exited with 0.",
        "$ make test",
        "ERROR: no",
        "The command exited with 1.",
        "cleanup",
    ]
    ranking = rank(scanned(build))
    assert (ranking.exit_line, ranking.first_hot) == (4, 3)


def test_a_build_that_bears_times_and_was_cut_off_is_no_log_of_a_service(scanned, service_lines):
    assert rank(scanned(["travis_fold:start:one", "travis_fold:start:two", *service_lines(200)])).is_service  # forged
    times = [line.replace(" INFO org.x.Api -", " building:") for line in service_lines(200)]
    assert rank(scanned(times)).is_service
    assert rank(scanned(["travis_fold:start:one", *times])).is_service
    assert not rank(
        scanned(["travis_fold:start:one", "travis_fold:end:one", "travis_fold:start:two", *times])
    ).is_service
