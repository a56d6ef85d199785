"""The report file: whole, and what a log says in it is text."""

import subprocess
import sys

from models.schemas.report import Report
from services.triage.markdown import report_markdown

HOSTILE = "ERROR <script>alert(1)</script> [click](http://evil.example) `code` *bold* | cell"


def report_of(tmp_path, name="app.log"):
    log = tmp_path / name
    log.write_text("2026-03-01 10:00:00 INFO fine\n" * 50 + f"2026-03-01 10:05:00 {HOSTILE}\n" * 3)
    words = [sys.executable, "-m", "bot.cli", "analyze", "--format", "json", name]
    shown = subprocess.run(words, cwd=tmp_path, capture_output=True, check=True).stdout
    return Report.from_json(shown)


def test_the_file_holds_the_findings_their_lines_and_the_templates(tmp_path):
    text = report_markdown(report_of(tmp_path), title="Triage of INC-1: checkout")
    assert text.startswith("# Triage of INC-1: checkout\n")
    assert "app.log:51" in text
    assert f"    2026-03-01 10:05:00 {HOSTILE}\n" in text
    assert "## Templates" in text


def test_what_a_log_or_a_file_name_says_is_no_markup(tmp_path):
    text = report_markdown(report_of(tmp_path, "a|b<img>.log"), title="<b>INC-1</b>\n# forged")
    outside_code = [line for line in text.splitlines() if not line.startswith("    ")]
    assert not any("<script" in line or "<img" in line or "<b>" in line for line in outside_code)
    assert not any("](http" in line.replace("\\[", "") and "[click" in line.replace("\\[", "") for line in outside_code)
    assert "# forged" not in outside_code
    table = next(line for line in outside_code if "a\\|b" in line)
    assert table.replace("\\|", "").count("|") == 7
