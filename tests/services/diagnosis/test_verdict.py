from dataclasses import replace

from services.diagnosis.detectors.base import Candidate
from services.diagnosis.findings import LineRef, Role, Verdict
from services.diagnosis.verdict import lesser_verdict, verdict_of

STRONG = Candidate(
    ref=LineRef(0, 100),
    kind="error",
    points=12.0,
    word=2.5,
    classes=frozenset({"crash"}),
    role=Role.DIRECT,
    next_steps=(),
)
WEAK = replace(STRONG, points=5.0, ref=LineRef(0, 500))


def test_direct_evidence_without_a_rival_is_confirmed():
    assert verdict_of([STRONG, WEAK])[0] is Verdict.CONFIRMED
    assert verdict_of([STRONG])[0] is Verdict.CONFIRMED


def test_a_close_rival_elsewhere_makes_it_inconclusive():
    rival = replace(STRONG, points=11.5, ref=LineRef(0, 500))
    assert verdict_of([STRONG, rival])[0] is Verdict.INCONCLUSIVE
    assert verdict_of([STRONG, replace(rival, ref=LineRef(1, 100))])[0] is Verdict.INCONCLUSIVE


def test_its_own_neighbours_are_no_rivals():
    assert verdict_of([STRONG, replace(STRONG, points=11.9, ref=LineRef(0, 103)), WEAK])[0] is Verdict.CONFIRMED


def test_a_lead_of_a_little_is_likely():
    assert verdict_of([STRONG, replace(WEAK, points=9.5)])[0] is Verdict.LIKELY


def test_a_report_of_a_failure_elsewhere_is_never_sure():
    assert verdict_of([replace(STRONG, classes=frozenset({"crash", "wrapper"}))])[0] is Verdict.INCONCLUSIVE


def test_what_excuses_itself_is_never_sure():
    assert verdict_of([replace(STRONG, classes=frozenset({"crash", "benign"}))])[0] is Verdict.INCONCLUSIVE


def test_weak_words_or_few_points_are_never_sure():
    assert verdict_of([replace(STRONG, word=0.8)])[0] is Verdict.INCONCLUSIVE
    assert verdict_of([replace(STRONG, points=6.0)])[0] is Verdict.INCONCLUSIVE


def test_those_behind_the_first_are_less_sure_than_it_could_be():
    verdict, confidence = lesser_verdict(WEAK, STRONG)
    assert verdict is Verdict.INCONCLUSIVE
    assert confidence < 0.5
