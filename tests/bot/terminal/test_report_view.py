from bot.terminal.report_view import report_lines
from services.triage.report import NamedFile, analyze_files


def shown(path):
    return [str(line) for line in report_lines(analyze_files([NamedFile(path, path.name)]))]


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
