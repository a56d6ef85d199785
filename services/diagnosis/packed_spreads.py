"""When the lines of some templates of a large file were written, a chunk of lines at a time.

Apart from `courses`, where the same is done line by line for small files, for it loads numpy.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from services.diagnosis.courses import BINS, Spread
from services.logs.packed_columns import PackedColumn

# Later than any time that a column holds.
_NEVER = 1 << 32


def packed_spreads(
    shape_of_line: PackedColumn,
    second_of_line: PackedColumn,
    place_of_shape: Sequence[int],
    places: int,
    times: tuple[int, int],
) -> Mapping[int, Spread]:
    """The spread of each place (what `place_of_shape` gives for a shape, -1 for those not asked for) that has lines.

    times: the file's first and last second; what lies outside is not believed.
    """
    place_by_shape, (begin, end), now = np.array(place_of_shape, np.int64), times, times[0]
    firsts, lasts, bins = np.full(places, _NEVER), np.zeros(places, np.int64), np.zeros(places * BINS, np.int64)
    for (_, shapes), (_, seconds) in zip(shape_of_line.chunks(), second_of_line.chunks(), strict=True):
        stamped = np.flatnonzero((seconds >= begin) & (seconds <= end))
        moments = np.concatenate(([now], seconds[stamped].astype(np.int64)))
        now = int(moments[-1])
        place = place_by_shape[shapes]
        asked = np.flatnonzero(place >= 0)
        place, moment = place[asked], moments[np.searchsorted(stamped, asked, side="right")]
        np.minimum.at(firsts, place, moment)
        np.maximum.at(lasts, place, moment)
        bins += np.bincount(
            place * BINS + np.minimum(BINS - 1, (moment - begin) * BINS // (end - begin)), None, len(bins)
        )
    return {
        number: Spread(int(firsts[number]), int(lasts[number]), bins[number * BINS : (number + 1) * BINS].tolist())
        for number in range(places)
        if lasts[number]
    }
