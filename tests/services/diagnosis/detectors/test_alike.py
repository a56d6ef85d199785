"""What many pods tell alike is one finding that says how many tell it; what differs stays apart."""

import pytest

from services.diagnosis.diagnose import diagnose


@pytest.fixture
def pods(scanned, service_lines):
    """So many logs, each with the lines that `told` gives for its number."""

    def make(count, told):
        return [scanned([*service_lines(60), *told(number)], f"pod-{number}.log") for number in range(count)]

    return make


def stamped(second, text):
    return f"2026-11-22 07:01:{second:02d} {text}"


def test_equal_findings_of_forty_pods_are_one(pods):
    diagnosis = diagnose(
        pods(40, lambda number: [stamped(50 - number, f"ERROR org.x.Db - cannot reach 10.0.0.{number}, gave up")])
    )
    (finding,) = [found for found in diagnosis.findings if found.kind != "context"]
    assert finding.summary.endswith("The same in 39 other files.")
    assert finding.evidence[0].ref.file == 39, "the one that came first"
    assert [cited.ref.file for cited in finding.evidence][:3] == [39, 38, 37]
    assert diagnosis.onset.ref.file == 39


def test_who_says_something_else_is_a_finding_of_its_own(pods):
    def told(number):
        if number == 2:
            return [stamped(10, "ERROR org.x.Disk - no space left on device")]
        return [stamped(20, "ERROR org.x.Db - cannot reach the database, gave up")]

    titles = [found.title for found in diagnose(pods(4, told)).findings]
    assert [title for title in titles if "no space left" in title]
    assert len([title for title in titles if "cannot reach" in title]) == 1


def test_of_another_component_it_is_another_matter(pods):
    diagnosis = diagnose(pods(2, lambda number: [stamped(9, f"ERROR org.x.Service{number} - connection refused")]))
    assert not any("The same in" in found.summary for found in diagnosis.findings)


def test_one_file_alone_is_not_said_to_be_told_elsewhere(pods):
    diagnosis = diagnose(pods(1, lambda _: [stamped(9, "ERROR org.x.Db - connection refused")]))
    assert not any("The same in" in found.summary for found in diagnosis.findings)
