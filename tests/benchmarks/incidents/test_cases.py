"""The labelled logs that the accuracy is measured on: the same every time, and their labels true."""

import json
import random
import re
import string
from itertools import islice

import pytest

from benchmarks.incidents.call_graph import CallGraph
from benchmarks.incidents.case import Case
from benchmarks.incidents.faults import KINDS, Fault
from benchmarks.incidents.healthy import healthy_case
from benchmarks.incidents.hostile import hostile_case
from benchmarks.incidents.needles import needle_case
from benchmarks.incidents.phrases import calls, consequences, failures, one_offs, services
from benchmarks.incidents.replicas import replica_case, systems
from benchmarks.incidents.service_incidents import Traffic, incident_case

POOLS = ("tune", "hold")


def needle(pool: str, index: int) -> Case:
    return needle_case(pool, index, lines=400)


def incident(pool: str, index: int) -> Case:
    return incident_case(pool, index, requests=120)


def healthy(pool: str, index: int) -> Case:
    return healthy_case(pool, index, lines=400)


@pytest.mark.parametrize("make", [needle, incident, healthy, replica_case])
def test_a_case_is_the_same_every_time_and_unlike_the_next(make):
    assert make("tune", 3) == make("tune", 3)
    assert make("tune", 3).files != make("tune", 4).files
    assert make("tune", 3).files != make("hold", 3).files


def test_sixty_kinds_of_failure_are_phrased_in_both_pools():
    assert len(failures("tune")) >= 60
    assert failures("tune").keys() == failures("hold").keys()


def test_the_pools_share_no_phrase():
    for phrases in (
        lambda pool: [phrase.text for kind in failures(pool).values() for phrase in kind],
        lambda pool: [phrase.text for phrase in consequences(pool)],
        lambda pool: [phrase.text for of in (True, False) for phrase in one_offs(pool, of_services=of)],
        lambda pool: [phrase.text for service in services(pool) for phrase in service.phrases],
        lambda pool: [phrase.text for kind in calls(pool).values() for phrase in kind],
    ):
        assert not {*phrases("tune")} & {*phrases("hold")}


@pytest.mark.parametrize("pool", POOLS)
def test_every_kind_of_failure_comes_within_as_many_cases(pool):
    kinds = len(failures(pool))
    assert {needle_case(pool, index, lines=60).label.failure for index in range(kinds)} == failures(pool).keys()


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("index", range(12))
def test_a_needle_is_where_its_label_says_and_nowhere_else(pool, index):
    case = needle(pool, index)
    ((name, lines),) = case.files.items()
    marked = case.label.cause_lines[name]
    said = _pieces(failures(pool)[case.label.failure])
    assert marked
    for number in marked:
        assert any(piece in _unquoted(lines[number - 1]) for piece in said)
    unmarked = [line for number, line in enumerate(lines, 1) if number not in set(marked)]
    assert len(unmarked) > 300


def _pieces(phrases):
    """The longest fixed part of every line of the phrases."""
    texts = [text for phrase in phrases for text in (phrase.text, *phrase.rest)]
    return [max(_fixed_parts(text), key=len) for text in texts]


def _fixed_parts(text):
    return [literal for literal, *_ in string.Formatter().parse(text)]


def _unquoted(line):
    return line.replace('\\"', '"')


@pytest.mark.parametrize("pool", POOLS)
def test_incidents_have_every_kind_of_fault_in_a_service_that_is_there(pool):
    cases = [incident(pool, index) for index in range(len(KINDS))]
    assert {case.label.failure for case in cases} == {*KINDS}
    for case in cases:
        faulty = case.label.faulty[0]
        assert f"{faulty}.log" in case.files or any(faulty in line for lines in case.files.values() for line in lines)
        assert case.label.onset


def test_a_crashed_service_is_silent_until_it_starts_again():
    graph = CallGraph(("gateway", "cart"), {"gateway": ("cart",), "cart": ()}, {("gateway", "cart"): "cart"})
    fault = Fault("crash", "cart", onset=1000, end=2000, is_quiet=True)
    traffic = Traffic(random.Random(1), "tune", graph, fault)
    for at in range(0, 3000, 10):
        traffic.request(float(at))
    assert not [event for event in traffic.events["cart"] if 1001 < event.at < 2000]
    assert [event for event in traffic.events["cart"] if event.at > 2000]
    assert [event for event in traffic.events["gateway"] if event.level in "WE" and 1000 < event.at < 2000]


def test_the_lines_of_the_faulty_service_are_known_where_all_share_a_file():
    cases = (incident("hold", index) for index in range(60))
    shared = list(islice((case for case in cases if len(case.files) == 1), 6))
    for case in shared:
        (lines,) = case.files.values()
        own = [line for line in lines if re.search(case.label.written_by_faulty, line)]
        assert 0 < len(own) < len(lines)
        assert all(case.label.faulty[0] in line for line in own)


def test_a_written_case_holds_its_logs_and_its_label(tmp_path):
    case = needle("tune", 0)
    (path,) = case.write(tmp_path / case.name)
    label = json.loads((tmp_path / case.name / "label.json").read_text())
    assert path.read_text().splitlines() == list(case.files[path.name])
    assert label["cause_lines"] == {path.name: list(case.label.cause_lines[path.name])}


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("index", range(9))
def test_a_failing_run_tells_its_root_and_the_good_run_does_not(pool, index):
    case = replica_case(pool, index)
    ((name, lines),) = case.files.items()
    said = _pieces([step.phrase for steps in _steps_of(pool, case.label.failure) for step in steps if step.is_root])
    marked = case.label.cause_lines[name]
    assert marked
    for number in marked:
        assert any(piece in lines[number - 1] for piece in said)
    assert not any(max(said, key=len) in line for line in case.baseline)


def _steps_of(pool, failure):
    return [system.failures[failure] for system in systems(pool) if failure in system.failures]


def test_the_good_run_has_harmless_exceptions_of_its_own():
    assert all(any("Exception" in line for line in replica_case("tune", index).baseline) for index in range(9))


@pytest.mark.parametrize("pool", POOLS)
def test_a_hostile_case_is_a_needle_and_one_line(pool):
    for index in range(8):
        case = hostile_case(pool, index)
        ((name, lines),) = case.files.items()
        place = next((i for i, line in enumerate(case.without) if line != lines[i]), len(case.without))
        assert [*lines[:place], *lines[place + 1 :]] == list(case.without)
        for number in case.label.cause_lines[name]:
            assert number - 1 != place
        for number in case.label.instruction_lines.get(name, []):
            assert number - 1 == place


def test_hostile_lines_are_of_every_sort():
    lines = [line for index in range(16) for line in hostile_case("tune", index).files.popitem()[1]]
    text = "\n".join(lines)
    assert max(map(len, lines)) > 990_000
    assert "\x1b[" in text or "\\u001b[" in text
    assert "1970-01-01" in text or "2099-12-31" in text
