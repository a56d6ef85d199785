"""The counting of `rates` for the columns of a large file."""

from collections.abc import Sequence

import numpy as np

from services.logs.packed_columns import PackedColumn
from services.logs.scan import FileScan
from services.pictures.windows import Windows


def count(scan: FileScan, is_error: Sequence[bool], windows: Windows, lines: list[int], errors: list[int]) -> None:
    """Add the file's lines to the counts of each window."""
    shapes, seconds = scan.shape_of_line, scan.second_of_line
    assert isinstance(shapes, PackedColumn)
    assert isinstance(seconds, PackedColumn)
    bad = np.array(is_error, np.bool_)
    counted = np.zeros((2, windows.count), np.int64)
    last = 0
    for (_, shape_of), (_, second_of) in zip(shapes.chunks(), seconds.chunks(), strict=True):
        moments = _filled(second_of.astype(np.int64), last)
        last = int(moments[-1]) if len(moments) else last
        window = (moments - windows.begin) // windows.seconds
        inside = (window >= 0) & (window < windows.count)
        counted[0] += np.bincount(window[inside], minlength=windows.count)
        counted[1] += np.bincount(window[inside & bad[shape_of]], minlength=windows.count)
    for totals, found in ((lines, counted[0]), (errors, counted[1])):
        totals[:] = [before + more for before, more in zip(totals, found.tolist(), strict=True)]


def _filled(
    seconds: "np.ndarray[tuple[int], np.dtype[np.int64]]", before: int
) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Each line's time, or that of the last line above it that bears one."""
    if not len(seconds):
        return seconds
    if not seconds[0]:
        seconds[0] = before
    bearers = np.where(seconds > 0, np.arange(len(seconds)), 0)
    return seconds[np.maximum.accumulate(bearers)]
