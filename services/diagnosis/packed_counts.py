"""The counting of `rates` for the columns of a large file, a chunk of lines at a time; apart, for it loads numpy."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.diagnosis.rates import BINS, NEVER, Clock, Rows
from services.logs.packed_columns import PackedColumn

_Numbers = NDArray[np.int64]


def packed_counts(
    shape_of_line: PackedColumn,
    second_of_line: PackedColumn,
    kind_of_shape: Sequence[int],
    kinds: int,
    clock: Clock,
) -> tuple[Sequence[int], Rows, Rows]:
    """(lines of each bin, the same of each kind, first lines of each kind) by bin.

    kind_of_shape: -1 for shapes not asked for. The tables lie bin by bin, for a chunk touches few bins.
    """
    kind_by_shape, total = np.array(kind_of_shape, np.int64), np.zeros(BINS, np.int64)
    counts, first_lines = np.zeros(BINS * kinds, np.int64), np.full(BINS * kinds, NEVER, np.int64)
    last_bin = 0
    for (first, shapes), (_, seconds) in zip(shape_of_line.chunks(), second_of_line.chunks(), strict=True):
        bins = _bins(np.arange(first, first + len(shapes)), seconds.astype(np.int64), clock, last_bin)
        if not len(bins):
            continue
        last_bin = int(bins[-1])
        total += np.bincount(bins, minlength=BINS)
        kind = kind_by_shape[shapes]
        asked = np.flatnonzero(kind >= 0)
        if len(asked):
            _add(counts, first_lines, bins[asked] * kinds + kind[asked], first + asked)
    rows = counts.reshape(BINS, kinds).T.tolist()
    return total.tolist(), rows, first_lines.reshape(BINS, kinds).T.tolist()


def _bins(lines: _Numbers, seconds: _Numbers, clock: Clock, last_bin: int) -> _Numbers:
    """The bin of each line; of one without a believable time that of the last line that has one."""
    readings = seconds if clock.is_timed else lines
    length = max(1, clock.end - clock.begin)
    bins = np.minimum(BINS - 1, (readings - clock.begin) * BINS // length)
    believed = (readings >= clock.begin) & (readings <= clock.end)
    if believed.all():
        return bins
    known = np.concatenate(([last_bin], bins[believed]))
    return known[np.cumsum(believed)]


def _add(counts: _Numbers, first_lines: _Numbers, cells: _Numbers, lines: _Numbers) -> None:
    low = int(cells.min())
    found = np.bincount(cells - low)
    counts[low : low + len(found)] += found
    fresh = np.flatnonzero(first_lines[cells] == NEVER)[::-1]
    first_lines[cells[fresh]] = lines[fresh]  # the last of several assignments stands: the first line
