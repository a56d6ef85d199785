from array import array

import pytest

from services.logs import reading
from services.logs.reading import scan_upload


@pytest.mark.parametrize(("bulk_begins_bytes", "is_small"), [(1 << 22, True), (1, False)])
def test_the_range_of_times_leaves_out_what_is_a_year_off(tmp_path, monkeypatch, bulk_begins_bytes, is_small):
    monkeypatch.setattr(reading, "BULK_BEGINS_BYTES", bulk_begins_bytes)
    log = tmp_path / "app.log"
    days = ["2026-11-23", "2019-01-01", "2026-11-22", "2026-11-22", "2026-11-24"]
    log.write_text("".join(f"{day} 07:00:00 INFO a\nno time\n" for day in days))
    (scanned,) = scan_upload(log, "app.log")
    assert isinstance(scanned.second_of_line, array) is is_small
    assert [moment.date().isoformat() for moment in scanned.time_range()] == ["2026-11-22", "2026-11-24"]
