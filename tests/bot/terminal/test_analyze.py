import gzip
import io
import json
import os
import subprocess
import sys
import tarfile
import threading
import zipfile

import pytest
from click.testing import CliRunner

from bot.terminal.analyze import analyze

FAILURE = "2026-11-22 07:02:01 ERROR org.x.Service - Connection refused to db.example:5432"
LOG = (
    "".join(f"2026-11-22 07:01:{i % 60:02d} INFO org.x.Service - request {i} served\n" for i in range(200))
    + FAILURE
    + "\n"
)


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "app.log"
    path.write_text(LOG)
    return str(path)


def run(*args, **options):
    return CliRunner().invoke(analyze, args, **options)


def test_text_puts_the_verdict_first_then_the_cited_line_then_what_to_do(log):
    result = run(log)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].endswith("Connection refused to db.example:5432")
    assert lines[0].split()[0] in {"Confirmed", "Likely", "Inconclusive"}
    assert any(f"{log}:201" in line and FAILURE in line for line in lines)
    assert "Next steps" in result.stdout
    assert "\x1b" not in result.stdout


def test_json_is_one_report_over_all_files(log):
    report = json.loads(run("--format", "json", log, log).stdout)
    assert [file["lines"] for file in report["files"]] == [201, 201]
    assert report["findings"][0]["evidence"][0]["text"] == FAILURE


def test_each_gives_a_line_a_file_in_order_also_for_what_cannot_be_read(log, tmp_path):
    picture = tmp_path / "a.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\x00" * 50)
    result = run("--each", "--format", "jsonl", str(picture), str(tmp_path / "gone"), log)
    reports = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert [len(report["findings"]) for report in reports] == [0, 0, 1]
    assert "picture" in reports[0]["files"][0]["unread"]
    assert "does not exist" in reports[1]["files"][0]["unread"]


def test_nothing_readable_is_status_two_and_one_line(tmp_path):
    result = run(str(tmp_path / "gone"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert "does not exist" in result.stderr


def test_a_missing_baseline_is_status_two(log, tmp_path):
    result = run(log, "--baseline", str(tmp_path / "gone"))
    assert result.exit_code == 2
    assert "gone: does not exist" in result.stderr


def test_standard_input(log):
    result = run("--format", "json", "-", input=LOG)
    assert json.loads(result.stdout)["files"][0]["name"] == "stdin"
    assert json.loads(result.stdout)["findings"][0]["evidence"][0]["line"] == 201


PACKED = {
    "as it is": bytes,
    "gzip": gzip.compress,
    "zip": lambda text: zipped("pods/app.log", text),
    "tar of gzip": lambda text: tarred("pods/app.log.gz", gzip.compress(text)),
}


def zipped(name, content):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def tarred(name, content):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def cites_the_failure(report, name):
    (file,) = report["files"]
    assert (file["name"].partition("/pods")[0], file["lines"], file["unread"]) == (name, 201, None)
    assert (report["findings"][0]["evidence"][0]["line"], report["findings"][0]["evidence"][0]["text"]) == (
        201,
        FAILURE,
    )


@pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED)
def test_standard_input_may_be_packed(pack):
    cites_the_failure(json.loads(run("--format", "json", "-", input=pack(LOG.encode())).stdout), "stdin")


@pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED)
def test_a_pipe_is_read_although_its_lines_are_cited_later(tmp_path, pack):
    """As a shell hands over `<(kubectl logs deploy/x)`."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writing = threading.Thread(target=pipe.write_bytes, args=[pack(LOG.encode())])
    writing.start()
    report = json.loads(run("--format", "json", str(pipe)).stdout)
    writing.join()
    cites_the_failure(report, str(pipe))


def test_the_baseline_marks_what_is_new(log, tmp_path):
    good = tmp_path / "good.log"
    good.write_text(LOG.replace(FAILURE, ""))
    report = json.loads(run("--format", "json", "--baseline", str(good), log).stdout)
    assert {template["new"] for template in report["templates"]} == {True, False}


def test_the_command_needs_neither_database_nor_slack_nor_web_framework(log):
    code = (
        "import sys; from bot.cli import main\n"
        "try: main(['analyze', sys.argv[1]])\n"
        "except SystemExit: pass\n"
        "heavy = {'sqlalchemy', 'fastapi', 'slack_sdk', 'slack_bolt', 'dbos', 'aiohttp'} & set(sys.modules)\n"
        "print('heavy:', sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code, log], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "heavy: []"


# The picture


def failing(tmp_path):
    lines = [f"2026-11-22T07:{n // 60:02d}:{n % 60:02d}Z INFO app: request served" for n in range(600)]
    path = tmp_path / "failing.log"
    path.write_text("\n".join([*lines, "2026-11-22T07:10:00Z ERROR app: connection to db:5432 refused"]) + "\n")
    return str(path)


@pytest.mark.parametrize(("name", "begins"), [("out.png", b"\x89PNG\r\n"), ("out.SVG", b"<svg ")])
def test_the_picture_is_written_beside_the_report(tmp_path, name, begins):
    picture = tmp_path / name
    result = run("--picture", str(picture), "--format", "json", failing(tmp_path))
    assert result.exit_code == 0
    assert json.loads(result.stdout)["findings"]
    assert picture.read_bytes().startswith(begins)


def test_where_nothing_can_be_drawn_the_report_is_there_and_a_line_says_so(tmp_path):
    path = tmp_path / "app.log"
    path.write_text("ERROR no times here\n" * 50)
    picture = tmp_path / "out.png"
    result = run("--picture", str(picture), str(path))
    assert result.exit_code == 0
    assert result.stdout
    assert result.stderr == f"triage: {picture}: not drawn, for nothing was found or the lines bear no times\n"
    assert not picture.exists()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--picture", "out.gif"), "--picture writes .png or .svg"),
        (("--picture", "no/such/out.png"), "the folder no/such does not exist"),
        (("--each", "--picture", "out.png"), "leave out --each"),
    ],
)
def test_a_picture_that_could_not_be_written_is_refused_before_the_reading(log, words, why):
    result = run(*words, log)
    assert (result.exit_code, result.stdout) == (2, "")
    assert why in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_picture_that_cannot_be_written_is_one_line_after_the_report(tmp_path):
    picture = tmp_path / "out.png"
    picture.mkdir()
    result = run("--picture", str(picture), failing(tmp_path))
    assert (result.exit_code, result.stderr) == (2, f"triage: {picture}: Is a directory\n")
    assert result.stdout


OURS = """\
rules:
  - cre: {id: acme-lost-store, title: The store of acme is lost, severity: 1}
    rule: {set: {event: {source: any}, match: [{regex: Connection refused to db.example}]}}
  - cre: {id: acme-broken, title: Never loaded}
    rule: {set: {event: {source: any}, match: [{regex: '('}]}}
"""


@pytest.fixture
def rules(tmp_path, monkeypatch):
    monkeypatch.delenv("TRIAGE_PROBLEMS_DIR", raising=False)
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "ours.yaml").write_text(OURS)
    return folder


def test_rules_of_ones_own_are_added_and_each_that_is_left_out_is_named(log, rules):
    result = run("--rules", str(rules), "--format", "json", log)
    assert json.loads(result.stdout)["findings"][0]["problem"] == "acme-lost-store"
    assert result.stderr == f"triage: left out: {rules}/ours.yaml:5: 'regex' cannot be used: missing ): (\n"


def test_the_folder_of_rules_may_come_from_the_settings_or_their_file(log, rules, monkeypatch):
    monkeypatch.setenv("TRIAGE_PROBLEMS_DIR", str(rules))
    assert "acme-lost-store" in run("--format", "json", log).stdout
    monkeypatch.setenv("TRIAGE_PROBLEMS_DIR", "")
    assert "acme-lost-store" not in run("--format", "json", log).stdout
    monkeypatch.delenv("TRIAGE_PROBLEMS_DIR")
    (rules.parent / ".env").write_text(f"TRIAGE_PROBLEMS_DIR={rules}\n")
    assert "acme-lost-store" in run("--format", "json", log).stdout


def test_a_setting_that_cannot_be_used_and_a_folder_that_is_not_there_are_said(log, rules):
    assert "is no folder" in run("--rules", str(rules / "gone"), log).stderr
    (rules.parent / ".env").write_text("TRIAGE_PORT=none\n")
    refused = run(log)
    assert (refused.exit_code, refused.stderr.startswith("triage: TRIAGE_PORT='none'")) == (2, True)
