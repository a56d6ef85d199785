"""The report in a terminal, of real files and of what stories tell."""

from bot.terminal.report_view import report_lines
from services.triage.report import NamedFile, analyze_files
from tests.bot.slack.blocks import stories


def shown(path):
    return [str(line) for line in report_lines(analyze_files([NamedFile(path, path.name)]))]


def told(**facts):
    return [str(line) for line in report_lines(stories.report(**facts))]


def test_a_healthy_log_says_so_and_what_was_looked_at(tmp_path):
    path = tmp_path / "quiet.log"
    path.write_text("INFO all is well\n" * 50)
    lines = shown(path)
    assert lines[0] == "Nothing abnormal found"
    assert any("50 lines" in line for line in lines)


def test_what_was_not_read_is_said(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    assert any("not read: is a picture" in line for line in shown(path))


def test_moved_numbers_are_shown(tmp_path):
    path = tmp_path / "pool.log"
    path.write_text("".join(f"INFO pool_use={5 if n < 900 else 50}\n" for n in range(1500)))
    assert any("pool_use: 5 -> 50" in line for line in shown(path))


def test_where_nothing_is_sure_the_strongest_lead_is_named_and_what_would_decide_it():
    lines = told(findings=[stories.finding(verdict="inconclusive", confidence=0.41, title="no answer")])
    assert lines[:2] == [
        "Inconclusive (41%)  the strongest lead: no answer",
        "To decide it: the database's log from 02:00 to 02:15",
    ]


def test_what_only_stands_around_has_no_rank():
    around = stories.finding(rank=2, kind="context", title="What stands around the first findings")
    lines = told(findings=[stories.finding(), around])
    assert "   What stands around the first findings" in lines


def test_of_many_files_the_first_and_those_not_read_are_named():
    files = [stories.file(name=f"{n}.log") for n in range(50)]
    files[40] = stories.file(name="40.log", lines=1, unread="ends in the middle")
    assert told(files=files)[-23:] == [
        "\n50 files, 12,044 lines, 0.4 s",
        *(f"   {n}.log: 12,044 lines, logback" for n in range(20)),
        "   40.log: 1 line, logback - not read: ends in the middle",
        "   … and 29 more files, read whole",
    ]
