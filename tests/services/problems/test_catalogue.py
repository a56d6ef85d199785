"""Loading: what is wrong is named with its file and line, and all the rest is loaded."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.problems.catalogue import OWN_FOLDER, _load_file, load_catalogue
from services.problems.problem import LinesRule, Severity

OWN = """\
area: test
problems:
  - id: good
    title: A good one
    severity: high
    match: {any: [word]}
    meaning: It is so.
    impact: None.
    checks: [Look.]
    fix: [Mend it.]
"""
CRE = """\
rules:
  - cre: {id: GOOD-1, title: Good, severity: 1}
    rule: {set: {match: [word]}}
  - cre: {id: BAD-1, title: Bad, severity: 1}
    rule:
      set:
        window: 5s
        match:
          - REPLACED
  - cre: {id: GOOD-2, title: Good, severity: 1}
    rule: {set: {match: [word]}}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "rules").mkdir()
    return tmp_path / "rules"


def loaded_ids(folder) -> list[str]:
    return [problem.id for problem in load_catalogue(folder).problems if str(folder) in problem.origin.file]


@pytest.mark.parametrize(
    ("bad", "line", "reason"),
    [
        ("regex: '(open'", 9, "missing )"),
        ("regex: '(?=ahead)'", 9, "(?="),
        ("regexs: word", 9, "unknown key 'regexs'"),
        ("value: word\n            regex: word", 9, "one of value, regex and jq"),
        ("count: 3", 9, "one of value, regex and jq"),
        ("value: word\n            count: many", 10, "'count' should be a whole number"),
        ("value: word\n            count: 99", 7, "more than 64 lines"),
        ("jq: '.a |'", 9, "ends where a value is expected"),
        ("jq: 'range(9)'", 9, "range/1 is not supported"),
        ("set: {match: [word]}", 9, "'set' inside a rule is not supported"),
        ("promql: {expr: up}", 9, "'promql' inside a rule is not supported"),
        ("[word]", 9, "should have keys and values"),
        ("''", 9, "is empty"),
    ],
)
def test_a_bad_rule_is_named_by_line_and_the_others_load(folder, bad, line, reason):
    (folder / "rules.yaml").write_text(CRE.replace("REPLACED", bad))
    refused = load_catalogue(folder).refused
    assert [(str(one.origin), reason in one.reason) for one in refused] == [(f"{folder}/rules.yaml:{line}", True)], [
        str(one) for one in refused
    ]
    assert loaded_ids(folder) == ["GOOD-1", "GOOD-2"]


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("window: 5s", "window: 5 days", 7, "is no duration"),
        ("window: 5s", "windows: 5s", 7, "unknown key 'windows'"),
        ("match:\n          - REPLACED", "order: [a, b]", 8, "unknown key 'order'"),
        ("set:\n", "sequence:\n", 8, "unknown key 'match'"),
        ("- REPLACED", "- a\n          - b\n        negate: [{value: x, anchor: 2}]", 11, "'anchor' should be one of"),
        ("window: 5s\n        match:\n          - REPLACED", "match: [a, b]", 7, "'window' is missing"),
        ("title: Bad, severity: 1", "title: Bad, severity: 9", 4, "'severity' should be 0"),
        ("title: Bad, severity: 1", "titel: Bad, severity: 1", 4, "unknown key 'titel'"),
        ("id: BAD-1, ", "", 4, "'id' is missing"),
        ("id: BAD-1, ", "id: 'a b', ", 4, "is no id"),
        ("id: BAD-1, ", "id: GOOD-1, ", 4, "is taken already"),
        ("    rule:\n      set:\n", "    rule:\n      script:\n", 6, "unknown key 'script'"),
    ],
)
def test_what_is_wrong_around_the_terms_is_named_too(folder, old, new, line, reason):
    (folder / "rules.yaml").write_text(CRE.replace(old, new, 1))
    refused = load_catalogue(folder).refused
    assert [(one.origin.line, reason in one.reason) for one in refused] == [(line, True)], [str(one) for one in refused]
    assert {"GOOD-1", "GOOD-2"} <= set(loaded_ids(folder))


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("rules:\n  - cre: {id: A\n", 3, "not valid YAML"),
        ("rules: [\x07]", 1, "not valid YAML"),
        ("- a\n- b\n", 1, "should have keys and values"),
        ("", 1, "'rules' is missing"),
        ("rules: &a [1]\nterms: *a\n", 2, "aliases are not supported"),
        ("rules: " + "[" * 100_000, 1, "nested deeper"),
        ("rules: []\n---\nrules: []\n", 3, "a second document"),
        ("rulez: []\n", 1, "unknown key 'rulez'"),
    ],
)
def test_a_file_that_is_no_rules_is_named_and_other_files_load(folder, text, line, reason):
    (folder / "bad.yaml").write_text(text)
    (folder / "good.yml").write_text(OWN)
    (refused,) = load_catalogue(folder).refused
    assert (refused.origin.file, refused.origin.line) == (str(folder / "bad.yaml"), line)
    assert reason in refused.reason
    assert loaded_ids(folder) == ["good"]


def test_bytes_that_are_no_text_are_refused(folder):
    (folder / "bad.yaml").write_bytes(b"rules: \xff\xfe")
    (refused,) = load_catalogue(folder).refused
    assert "cannot be read" in refused.reason


def test_a_folder_that_is_not_there_is_named(tmp_path):
    assert "is no folder" in str(load_catalogue(tmp_path / "gone").refused[0])


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("    impact: None.\n", "", 3, "'impact' is missing"),
        ("    checks: [Look.]\n", "", 3, "'checks' is missing"),
        ("severity: high", "severity: terrible", 5, "'terrible' is no severity"),
        ("match: {any: [word]}", "match: {all: [word]}", 6, "unknown key 'all'"),
        ("match: {any: [word]}", "match: {any: []}", 6, "'any' is empty"),
        ("match: {any: [word]}", "match: {set: {match: [a]}, any: [b]}", 6, "'match' has one of"),
        ("id: good", "id: Not Good", 3, "is no id"),
        ("    title: A good one\n", "    title: A\n    title: B\n", 5, "is there twice"),
    ],
)
def test_our_own_format_asks_for_everything(folder, old, new, line, reason):
    (folder / "own.yaml").write_text(OWN.replace(old, new))
    (refused,) = load_catalogue(folder).refused
    assert (refused.origin.line, reason in refused.reason) == (line, True), str(refused)


def test_a_later_folder_replaces_a_problem_of_the_same_id(folder):
    (folder / "own.yaml").write_text(OWN.replace("id: good", "id: disk-full"))
    catalogue = load_catalogue(folder)
    assert catalogue.refused == ()
    assert [problem.title for problem in catalogue.problems if problem.id == "disk-full"] == ["A good one"]
    assert catalogue.get("DISK-FULL").title == "A good one"


def test_a_cre_rule_is_read_whole(folder):
    (folder / "cre.yaml").write_text(
        """
        rules:
          - metadata: {kind: prequel, id: 5UD1RZxGC5LJQnVpAkV11A, gen: 1, hash: x}
            cre:
              id: CRE-2026-0001
              severity: 0
              title: The broker is overloaded
              category: message-queue-problem
              author: somebody
              tags: [a, b]
              description: Described.
              cause: |
                Because of
                this.
              impact: Nothing goes through.
              impactScore: 9
              mitigation: |
                - Make it larger
                - Make less of it
              mitigationScore: 8
              references: [https://example.com]
              applications: [{name: Broker, version: 3.x}]
            rule:
              sequence:
                window: 1m30s
                event: {source: cre.log.broker, origin: true}
                correlations: [hostname]
                order: [named, {regex: over(load)?ed, count: 2}]
                negate: [{value: stop, anchor: 1, slide: -5s, window: 10s, absolute: true}]
        terms:
          named: {value: discarding message}
        """.replace("\n        ", "\n")
    )
    catalogue = load_catalogue(folder)
    assert [str(refused) for refused in catalogue.refused] == []
    problem = catalogue.get("cre-2026-0001")
    assert (problem.title, problem.area, problem.severity) == ("The broker is overloaded", "broker", Severity.CRITICAL)
    assert (problem.meaning, problem.impact) == ("Because of this.", "Nothing goes through.")
    assert problem.fix == ("Make it larger", "Make less of it")
    rule = problem.rule
    assert isinstance(rule, LinesRule)
    assert (rule.in_order, rule.window_seconds) == (True, 90)
    assert [(step.term.text, step.count) for step in rule.steps] == [("discarding message", 1), ("over(load)?ed", 2)]
    (negation,) = rule.negations
    assert (negation.anchor, negation.slide_seconds, negation.window_seconds, negation.is_absolute) == (1, -5, 10, True)


def test_the_projects_own_files_are_named_without_the_machines_path():
    assert load_catalogue().get("disk-full").origin.file == "catalogue/disk.yaml"
    assert OWN_FOLDER.is_dir()


def test_the_examples_of_the_documentation_load(folder):
    page = (Path(__file__).parents[3] / "docs" / "problems.md").read_text()
    examples = re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    for number, example in enumerate(examples):
        (folder / f"{number}.yaml").write_text(example)
    assert [str(refused) for refused in load_catalogue(folder).refused] == []
    assert loaded_ids(folder) == ["till-stuck", "CRE-2026-0001"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cut=st.integers(0, len(CRE)),
    put=st.text(st.sampled_from("\n\t:-[]{}'\"&*!|>%@` aé\0\x1b#0"), max_size=6),
    skip=st.integers(0, 30),
)
def test_whatever_a_file_holds_nothing_is_raised(folder, cut, put, skip):
    mangled = folder / "mangled.yaml"
    mangled.write_text(CRE[:cut] + put + CRE[cut + skip :], encoding="utf-8")
    for loaded in _load_file(mangled, mangled.name):
        assert loaded.origin.line >= 1
        assert str(loaded)
