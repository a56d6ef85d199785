"""When the lines of some kinds in a large file were written, a chunk of lines at a time.

Apart from `courses`, where the same is done line by line for small files, for it loads numpy.
"""

from collections.abc import Mapping

import numpy as np

from services.diagnosis.courses import BINS, Spread
from services.diagnosis.line_kinds import LineKinds
from services.logs.packed_columns import PackedColumn

# Later than any time that a column holds.
_NEVER = 1 << 32


def packed_spreads(
    shape_of_line: PackedColumn, second_of_line: PackedColumn, kinds: LineKinds, times: tuple[int, int]
) -> Mapping[int, Spread]:
    """The spread of each kind that has lines.

    times: the file's first and last second; what lies outside is not believed.
    """
    kind_of_shape, (begin, end), now = np.array(kinds.of_shape, np.int64), times, times[0]
    count = len(kinds.counts)
    firsts, lasts, bins = np.full(count, _NEVER), np.zeros(count, np.int64), np.zeros(count * BINS, np.int64)
    for (_, shapes), (_, seconds) in zip(shape_of_line.chunks(), second_of_line.chunks(), strict=True):
        stamped = np.flatnonzero((seconds >= begin) & (seconds <= end))
        moments = np.concatenate(([now], seconds[stamped].astype(np.int64)))
        now = int(moments[-1])
        kind = kind_of_shape[shapes]
        moment = moments[np.searchsorted(stamped, np.arange(len(shapes)), side="right")]
        np.minimum.at(firsts, kind, moment)
        np.maximum.at(lasts, kind, moment)
        bins += np.bincount(
            kind * BINS + np.minimum(BINS - 1, (moment - begin) * BINS // (end - begin)), None, len(bins)
        )
    return {
        number: Spread(int(firsts[number]), int(lasts[number]), bins[number * BINS : (number + 1) * BINS].tolist())
        for number in range(count)
        if lasts[number]
    }
