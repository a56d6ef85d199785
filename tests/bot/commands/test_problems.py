"""`triage problems`: what people and programs read, whose rules are added, and how mistakes are told."""

import json

import pytest
from click.testing import CliRunner

from bot.commands.problems import problems

RULES = """\
rules:
  - cre: {id: OURS-1, title: Till is stuck, severity: 1, cause: Paper., mitigation: Open it.}
    rule: {set: {match: [till stuck]}}
  - cre: {id: OURS-2, title: Broken, severity: 1}
    rule: {set: {match: [{regex: '('}]}}
"""


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRIAGE_PROBLEMS_DIR", raising=False)


@pytest.fixture
def rules(tmp_path):
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "ours.yaml").write_text(RULES)
    return folder


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "some.log"
    path.write_text("all well\nERROR cannot write: no space left on device\nWARN till stuck\n")
    return path


def run(*args, **options):
    return CliRunner().invoke(problems, [str(arg) for arg in args], **options)


def test_list_counts_them_and_is_plain_where_it_is_piped():
    result = run("list")
    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert int(lines[-1].split()[0]) == len(lines) - 1 >= 120
    assert any(line.split()[:3] == ["critical", "disk-full", "disk"] for line in lines)
    assert "\x1b" not in result.stdout


def test_list_of_an_area_and_as_json():
    listed = json.loads(run("list", "--area", "redis", "--format", "json").stdout)
    assert {problem["area"] for problem in listed} == {"redis"}
    assert {"id", "title", "severity", "meaning", "impact", "checks", "fix"} <= listed[0].keys()
    refused = run("list", "--area", "toasters")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "there are ci," in refused.stderr


def test_show_tells_what_to_check_before_what_to_change():
    text = run("show", "disk-full").stdout
    assert text.startswith("A file system is full\n")
    assert text.index("What it means") < text.index("First checks") < text.index("Fix")
    assert json.loads(run("show", "DISK-FULL", "--format", "json").stdout)["id"] == "disk-full"


def test_show_of_an_unknown_id_is_one_line_and_status_two():
    result = run("show", "disk-flul")
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert "disk-flul" in result.stderr


def test_a_log_is_tested_with_the_lines_that_show_it(log):
    text = run("test", log).stdout
    assert "A file system is full  [disk-full]  once" in text
    assert f"{log}:2  ERROR cannot write: no space left on device" in text
    (match,) = json.loads(run("test", "--format", "json", log).stdout)
    assert match["problem"]["id"] == "disk-full"
    assert match["lines"] == [{"file": str(log), "line": 2, "text": "ERROR cannot write: no space left on device"}]


def test_standard_input_is_tested_too_and_secrets_stay_hidden():
    result = run("test", "-", input=b"password=hunter2 no space left on device\n")
    assert "stdin:1" in result.stdout
    assert "hunter2" not in result.stdout


def test_a_log_without_problems_says_so(tmp_path):
    (tmp_path / "fine.log").write_text("all well\n")
    assert run("test", tmp_path / "fine.log").stdout == "No known problem in 1 lines\n"
    assert run("test", "--format", "json", tmp_path / "fine.log").stdout == "[]\n"


def test_rules_of_ones_own_are_added_and_a_bad_one_is_named(log, rules):
    result = run("test", "--rules", rules, "--format", "json", log)
    assert [match["problem"]["id"] for match in json.loads(result.stdout)] == ["disk-full", "OURS-1"]
    assert result.stderr == f"triage: {rules}/ours.yaml:5: 'regex' cannot be used: missing ): (\n"


def test_the_folder_may_come_from_the_settings(log, rules, monkeypatch):
    monkeypatch.setenv("TRIAGE_PROBLEMS_DIR", str(rules))
    assert "OURS-1" in run("test", log).stdout
    monkeypatch.setenv("TRIAGE_PROBLEMS_DIR", "")
    assert "OURS-1" not in run("test", log).stdout


def test_a_malformed_setting_is_one_sentence(monkeypatch):
    monkeypatch.setenv("TRIAGE_PORT", "http")
    result = run("list")
    assert result.exit_code == 2
    assert result.stderr.startswith("triage: TRIAGE_PORT")


@pytest.mark.parametrize("content", [None, b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, b""])
def test_what_is_no_log_is_status_two_and_one_line(tmp_path, content):
    path = tmp_path / "odd"
    if content is not None:
        path.write_bytes(content)
    result = run("test", path)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1), result.stderr
    assert str(path) in result.stderr
