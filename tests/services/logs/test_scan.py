from array import array

import pytest

from services.logs import scan
from services.logs.reading import scan_upload


@pytest.mark.parametrize("many_lines", [1, 1 << 40])
def test_the_range_of_times_leaves_out_what_is_a_year_off(tmp_path, monkeypatch, many_lines):
    monkeypatch.setattr(scan, "_MANY_LINES", many_lines)
    log = tmp_path / "app.log"
    days = ["2026-11-23", "2019-01-01", "2026-11-22", "2026-11-22", "2026-11-24"]
    log.write_text("".join(f"{day} 07:00:00 INFO a\nno time\n" for day in days))
    (scanned,) = scan_upload(log, "app.log")
    assert isinstance(scanned.second_of_line, array)
    assert [moment.date().isoformat() for moment in scanned.time_range()] == ["2026-11-22", "2026-11-24"]
