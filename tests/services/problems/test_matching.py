"""What rules find: one line, several in a window, in order, so many of them, and not where something cancels it."""

import time

import pytest

from services.logs.reading import scan_upload
from services.problems.catalogue import load_catalogue
from services.problems.hits import MAX_HITS
from services.problems.matching import MatchedLine, match_problems
from services.problems.spots import UNTIMED_WINDOW_LINES

RULE = """
    rules:
      - cre: {{id: R-1, title: A rule, severity: 1}}
        rule:
          {rule}
    """


@pytest.fixture
def found(catalogue_of, found_by):
    def find(rule: str, log: str):
        catalogue = catalogue_of(rule=RULE.format(rule=rule))
        assert [str(refused) for refused in catalogue.refused] == []
        return [(lines, count) for _, lines, count in found_by(catalogue, log)]

    return find


def at(*entries: tuple[int, str]) -> str:
    """Lines with the seconds after ten o'clock that they are logged at."""
    return "".join(f"2026-11-22 10:{second // 60:02d}:{second % 60:02d} {text}\n" for second, text in entries)


def test_a_text_is_found_wherever_it_stands_and_counted(found):
    log = at((0, "all well"), (1, "pool drained"), (2, "pool drained"), (3, "the pool drained again"))
    assert found("set: {match: [{value: pool drained}]}", log) == [([2, 4], 3)]


def test_a_text_is_taken_as_it_stands(found):
    assert found("set: {match: [{value: 'a.c (x)'}]}", "abc (x)\nabc x\n") == []
    assert found("set: {match: ['a.c (x)']}", "a.c (x)\n") == [([1], 1)]


def test_several_lines_belong_together_only_within_the_window(found):
    rule = "set: {window: 10s, match: [{value: disk slow}, {value: leader lost}]}"
    assert found(rule, at((0, "leader lost"), (10, "disk slow"))) == [([1, 2], 1)]
    assert found(rule, at((0, "leader lost"), (11, "disk slow"))) == []


def test_a_sequence_asks_for_the_order(found):
    rule = "sequence: {window: 10s, order: [{value: disk slow}, {value: leader lost}]}"
    assert found(rule, at((0, "disk slow"), (1, "noise"), (2, "leader lost"))) == [([1, 3], 1)]
    assert found(rule, at((0, "leader lost"), (1, "disk slow"))) == []


def test_a_sequence_is_found_though_its_first_line_came_often_before(found):
    log = at(
        *((second, "disk slow") for second in range(100)), (105, "noise"), (300, "disk slow"), (305, "leader lost")
    )
    rule = "sequence: {window: 10s, order: [{value: disk slow}, {value: leader lost}]}"
    assert found(rule, log) == [([102, 103], 1)]


def test_a_count_asks_for_so_many_lines_in_the_window(found):
    rule = "set: {window: 10s, match: [{value: refused, count: 3}]}"
    assert found(rule, at((0, "refused"), (4, "refused"), (8, "refused"), (60, "refused"))) == [([1, 2, 3], 1)]
    assert found(rule, at((0, "refused"), (8, "refused"), (16, "refused"), (24, "refused"))) == []


def test_a_hit_is_cancelled_by_what_is_negated_within_it_and_only_there(found):
    rule = "sequence: {window: 30s, order: [begin, end], negate: [stopped on purpose]}"
    assert found(rule, at((0, "begin"), (5, "stopped on purpose"), (9, "end"))) == []
    assert found(rule, at((0, "begin"), (9, "end"), (20, "stopped on purpose"))) == [([1, 2], 1)]


@pytest.mark.parametrize(
    ("options", "second_of_cancel", "is_found"),
    [
        ("window: 4s, absolute: true", 25, True),
        ("window: 30s, absolute: true", 25, False),
        ("window: 10s", 25, False),  # on top of the nine seconds of the hit, from its first line on
        ("slide: -5s, window: 0s", 16, False),
        ("slide: -5s, window: 0s", 14, True),
        ("anchor: 1, window: 1s, absolute: true", 21, True),
        ("anchor: 1, window: 3s, absolute: true", 31, False),
    ],
)
def test_a_negation_has_its_own_place_and_width(found, options, second_of_cancel, is_found):
    entries = sorted([(20, "begin"), (29, "end"), (second_of_cancel, "cancel")])
    rule = f"sequence: {{window: 30s, order: [begin, end], negate: [{{value: cancel, {options}}}]}}"
    assert bool(found(rule, at(*entries))) is is_found


def test_lines_without_times_belong_together_if_they_are_near(found):
    rule = "sequence: {window: 1s, order: [begin, end]}"
    assert found(rule, "begin\nnoise\nend\n") == [([1, 3], 1)]
    assert found(rule, "begin\n" + "noise\n" * UNTIMED_WINDOW_LINES + "end\n") == []


def test_a_line_without_a_time_has_that_of_the_line_above(found):
    rule = "set: {window: 5s, match: [{value: Traceback}, {value: ready}]}"
    assert found(rule, at((0, "failed")) + "Traceback\n" + at((60, "ready"))) == []
    assert found(rule, at((58, "failed")) + "Traceback\n" + at((60, "ready"))) == [([2, 3], 1)]


def test_numbers_decide_line_by_line_though_lines_of_one_kind_are_looked_at_once(found):
    log = at(*((second, f"worker {second} exited on signal {15 if second != 40 else 11}") for second in range(60)))
    assert found("set: {match: [{value: exited on signal 11}]}", log) == [([41], 1)]
    assert found(r"set: {match: [{regex: 'signal 9\b'}]}", log) == []
    assert found(r"sequence: {window: 9s, order: [{regex: 'worker 3\d '}, {value: signal 11}]}", log) == [([32, 41], 1)]


def test_messages_in_json_are_found_as_people_write_them(found):
    line = '{"ts":"2026-11-22T10:00:00Z","level":"error","msg":"role \\"app\\" is missing"}\n'
    assert found("""set: {match: ['role "app" is missing']}""", line) == [([1], 1)]


def test_a_query_asks_the_fields_of_each_line(found):
    log = "".join(
        f'{{"ts":"2026-11-22T10:00:{second:02d}Z","msg":"state","code":{200 + second},"event":"e{second % 7}"}}\n'
        for second in range(60)
    )
    assert found("set: {match: [{jq: '.code >= 258'}]}", log) == [([59, 60], 2)]
    assert found("""set: {match: [{jq: '.event == "e3" and .code < 205'}]}""", log) == [([4], 1)]
    assert found("set: {match: [{jq: '.missing'}]}", log) == []


def test_events_of_kubernetes_are_asked_by_field(found):
    log = '{"reason":"Killing","note":"a"}\n{"reason":"Started","note":"b"}\n'
    rule = "set: {event: {source: cre.prequel.k8s}, match: [{field: reason, value: Killing}]}"
    assert found(rule, log) == [([1], 1)]


def test_an_exception_on_the_same_line_takes_it_out(catalogue_of, found_by):
    catalogue = catalogue_of(
        own="""
        area: test
        problems:
          - id: full
            title: Full
            severity: high
            match: {any: [no space left], unless: [{regex: (?i)inotify}]}
            meaning: It is full.
            impact: Nothing is written.
            checks: [Look.]
            fix: [Clean.]
        """
    )
    assert found_by(catalogue, "write: no space left\nInotify watch: no space left\n") == [("full", [1], 1)]


def test_several_files_are_looked_at_each_by_itself(tmp_path, catalogue_of):
    catalogue = catalogue_of(rule=RULE.format(rule="sequence: {window: 9s, order: [begin, end]}"))
    texts = [at((0, "begin"), (1, "noise")), at((2, "end"), (3, "begin"), (4, "end"))]
    scans = []
    for name, text in zip("ab", texts, strict=True):
        (tmp_path / name).write_text(text)
        scans += scan_upload(tmp_path / name, name)
    (match,) = match_problems(scans, catalogue)
    assert match.refs == (MatchedLine(1, 1), MatchedLine(1, 2))


def test_the_gravest_problem_comes_first(catalogue_of, found_by):
    rules = "".join(
        f"      - {{cre: {{id: R-{severity}, severity: {severity}}}, rule: {{set: {{match: [word{severity}x]}}}}}}\n"
        for severity in (3, 0, 2)
    )
    catalogue = catalogue_of(rules="    rules:\n" + rules)
    assert [name for name, _, _ in found_by(catalogue, "word3x\nword2x\nword0x\n")] == ["R-0", "R-2", "R-3"]


def test_a_large_file_shows_what_a_small_one_shows(tmp_path, catalogue_of):
    catalogue = catalogue_of(rule=RULE.format(rule="sequence: {window: 5s, order: [{regex: 'code 7\\b'}, end of it]}"))
    filler = at(*((second // 40, f"request {second} of user {second % 97} served") for second in range(100_000)))
    (tmp_path / "large.log").write_text(filler + at((2_600, "code 8"), (2_601, "code 7"), (2_604, "end of it")))
    (match,) = match_problems(scan_upload(tmp_path / "large.log", "large.log"), catalogue)
    assert [ref.line for ref in match.refs] == [100_001, 100_002]


def test_so_many_hits_are_not_counted_further(found):
    log = at(*((second, text) for second in range(MAX_HITS * 2) for text in ("begin", "end")))
    ((lines, count),) = found("sequence: {window: 1s, order: [begin, end]}", log)
    assert (lines, count) == ([1, 2], MAX_HITS)


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(a|a)*$", r"(.*a){25}", r"(\w+\s?)+:"])
def test_a_pattern_that_could_hang_does_not(found, pattern):
    started = time.process_time()
    found(f"set: {{match: [{{regex: '{pattern}'}}]}}", "a" * 1_900 + "!\n" + "a" * 60_000 + "!\n")
    assert time.process_time() - started < 5


def test_a_catalogue_without_problems_finds_none(tmp_path):
    (tmp_path / "a.log").write_text("No space left on device\n")
    empty = type(load_catalogue())([])
    assert match_problems(scan_upload(tmp_path / "a.log", "a.log"), empty) == []


def test_a_field_of_another_log_is_looked_for_in_the_whole_line(found):
    rule = "set: {event: {source: cre.log.redpanda}, match: [{field: message, regex: 'node \\d+ lost'}]}"
    assert found(rule, "WARN heartbeat.cc:12 node 3 lost\n") == [([1], 1)]


@pytest.mark.parametrize(
    "form",
    [
        '{{"ts":"2026-11-22T10:00:{0:02d}Z","msg":"engine message","part":"{1}"}}\n',
        'ts=2026-11-22T10:00:{0:02d}Z level=info msg="engine message" part="{1}"\n',
    ],
)
def test_fields_besides_the_message_are_looked_at_too(found, form):
    log = "".join(form.format(second, "evict" if second in {31, 32, 40} else "checkpoint") for second in range(60))
    ((lines, _),) = found("""set: {match: [{regex: 'part.{1,3}evict'}]}""", log)
    assert lines[0] == 32
    rule = """set: {window: 9s, match: [{regex: 'part.{1,3}evict', count: 3}]}"""
    assert found(rule, log) == [([32, 33, 41], 1)]


def test_lines_of_any_number_are_all_counted(found):
    log = at(*((second, f"upstream timed out ({100 + second}: gone)") for second in range(50)))
    assert found(r"set: {match: [{regex: 'timed out \(\d+: '}]}", log) == [([1], 50)]
