import json

from click.testing import CliRunner

from bot.terminal.templates import templates

LOG = "2026-11-22 07:00:00 INFO org.a - got 1\n2026-11-22 07:00:01 ERROR org.a - lost it\n2026-11-22 07:00:02 INFO org.a - got 2\n"


def run(*args, **options):
    return CliRunner().invoke(templates, args, **options)


def test_jsonl_has_the_template_of_every_line_in_order(tmp_path):
    path = tmp_path / "a.log"
    path.write_text(LOG)
    rows = [json.loads(line) for line in run("--format", "jsonl", str(path)).stdout.splitlines()]
    assert rows == [
        {"line": 1, "template_id": 0},
        {"line": 2, "template_id": 1},
        {"line": 3, "template_id": 0},
    ]


def test_the_lines_of_a_long_log_are_all_there(tmp_path):
    path = tmp_path / "a.log"
    path.write_text("got it\n" * 25_000)
    lines = run("--format", "jsonl", str(path)).stdout.splitlines()
    assert [json.loads(line)["line"] for line in lines] == list(range(1, 25_001))


def test_text_lists_the_commonest_first():
    lines = run("-", input=LOG).stdout.splitlines()
    assert lines[0] == "stdin: 3 lines, 2 templates"
    assert lines[1].split() == ["2", "info", "got", "<*>"]
    assert lines[2].split() == ["1", "error", "lost", "it"]


def test_what_is_no_log_is_status_two_and_one_line(tmp_path):
    result = run(str(tmp_path))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "folder" in result.stderr
    assert result.stderr.count("\n") == 1
