"""The counting of `rates` for the columns of a large file, a chunk of lines at a time; apart, for it loads numpy."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.diagnosis.rates import BINS, NEVER, Clock, Rows
from services.logs.packed_columns import PackedColumn

_Places = NDArray[np.int64]


def packed_counts(
    shape_of_line: PackedColumn,
    second_of_line: PackedColumn,
    place_of_shape: Sequence[int],
    places: int,
    clock: Clock,
) -> tuple[Sequence[int], Rows, Rows]:
    """(lines of each bin, the same of each place, first lines of each place) by bin.

    place_of_shape: -1 for shapes not asked for. The tables lie bin by bin, for a chunk touches few bins.
    """
    place_by_shape, total = np.array(place_of_shape, np.int64), np.zeros(BINS, np.int64)
    counts, first_lines = np.zeros(BINS * places, np.int64), np.full(BINS * places, NEVER, np.int64)
    last_bin = 0
    for (first, shapes), (_, seconds) in zip(shape_of_line.chunks(), second_of_line.chunks(), strict=True):
        bins = _bins(np.arange(first, first + len(shapes)), seconds.astype(np.int64), clock, last_bin)
        if not len(bins):
            continue
        last_bin = int(bins[-1])
        total += np.bincount(bins, minlength=BINS)
        place = place_by_shape[shapes]
        asked = np.flatnonzero(place >= 0)
        if len(asked):
            _add(counts, first_lines, bins[asked] * places + place[asked], first + asked)
    rows = counts.reshape(BINS, places).T.tolist()
    return total.tolist(), rows, first_lines.reshape(BINS, places).T.tolist()


def _bins(lines: _Places, seconds: _Places, clock: Clock, last_bin: int) -> _Places:
    """The bin of each line; of one without a believable time that of the last line that has one."""
    readings = seconds if clock.is_timed else lines
    length = max(1, clock.end - clock.begin)
    bins = np.minimum(BINS - 1, (readings - clock.begin) * BINS // length)
    believed = (readings >= clock.begin) & (readings <= clock.end)
    if believed.all():
        return bins
    known = np.concatenate(([last_bin], bins[believed]))
    return known[np.cumsum(believed)]


def _add(counts: _Places, first_lines: _Places, cells: _Places, lines: _Places) -> None:
    low = int(cells.min())
    found = np.bincount(cells - low)
    counts[low : low + len(found)] += found
    fresh = np.flatnonzero(first_lines[cells] == NEVER)[::-1]
    first_lines[cells[fresh]] = lines[fresh]  # the last of several assignments stands: the first line
