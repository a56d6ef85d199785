from services.diagnosis.detectors.failure_lines import KEPT_BEHIND_SURE
from services.diagnosis.findings import Verdict

COMPILING = [f"compiling module {chr(97 + number % 26)}{chr(97 + number // 26)}" for number in range(60)]
# Two different failures, neither ahead of the other.
TORN = [
    *COMPILING,
    "src/pool.c:12:3: error: unknown type name 'fd_set'",
    "  fd_set readable;",
    "  ^~~~~~",
    *COMPILING[:30],
    "src/io.c:40:9: error: expected ';' before '}'",
    "  return size }",
    *COMPILING[30:],
    "make: *** [all] Error 2",
    "exited with 2",
]
CLEAR = [
    *COMPILING,
    "src/pool.c:12:3: error: unknown type name 'fd_set'",
    "  fd_set readable;",
    "  ^~~~~~",
    "exited with 2",
]


def cited(diagnosis):
    return [evidence.ref.line for finding in diagnosis.findings for evidence in finding.evidence]


def test_what_stands_around_the_leads_of_a_build_is_cited_last_and_in_order(diagnosed):
    around = diagnosed(TORN).findings[-1]
    assert around.kind == "context"
    lines = [evidence.ref.line for evidence in around.evidence]
    assert lines == sorted(lines)
    assert {60, 61, 93, 94} <= set(cited(diagnosed(TORN)))


def test_no_line_is_cited_twice_and_no_more_than_a_person_reads(diagnosed):
    for log in (TORN, CLEAR):
        lines = cited(diagnosed(log))
        assert len(lines) == len(set(lines)) <= 20


def test_a_sure_finding_brings_its_own_lines(diagnosed):
    first = diagnosed(CLEAR).findings[0]
    assert first.verdict is not Verdict.INCONCLUSIVE
    assert {60, 61, 62} <= {evidence.ref.line for evidence in first.evidence}
    assert len([finding for finding in diagnosed(CLEAR).findings if finding.kind != "context"]) <= KEPT_BEHIND_SURE


def test_what_is_told_again_is_cited_with_its_first_place(diagnosed):
    error = "ERROR in checkout: the total of an order is negative"
    log = [*COMPILING, error, *COMPILING[:40], "trying once more", error, *COMPILING[:30], "exited with 1"]
    first = diagnosed(log).findings[0]
    assert {60, 102} <= {evidence.ref.line for evidence in first.evidence}


def test_in_a_services_log_neighbours_are_strangers(diagnosed, service_lines):
    log = [
        *service_lines(100),
        "2026-11-22 07:01:40 ERROR org.x.Db - deadlock detected",
        *service_lines(100, start=101),
    ]
    assert all(finding.kind != "context" for finding in diagnosed(log).findings)
