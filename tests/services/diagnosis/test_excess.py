import random

import pytest

from services.diagnosis.excess import find_excess

STEADY = [100] * 60


def noise(mean, seed=1):
    draw = random.Random(seed)
    return [sum(draw.random() < mean / 50 for _ in range(50)) for _ in range(60)]


def test_a_burst_is_found_with_its_begin_and_end():
    counts = noise(2)
    counts[30:34] = [40, 50, 45, 38]
    excess = find_excess(counts, STEADY)
    assert (excess.begin, excess.end, excess.lasts) == (30, 34, False)
    assert excess.before < 4
    assert excess.after > 40
    assert 3 < excess.strength <= 6


def test_a_step_lasts():
    excess = find_excess([0] * 40 + [1] * 20, STEADY)
    assert (excess.begin, excess.lasts, excess.climbs) == (40, True, False)


def test_a_ramp_climbs():
    excess = find_excess([2] * 40 + [4 * step for step in range(1, 21)], STEADY)
    assert excess.lasts
    assert excess.climbs


@pytest.mark.parametrize("mean", [0.1, 1, 10])
def test_chance_is_no_excess(mean):
    assert [found for seed in range(100) if (found := find_excess(noise(mean, seed), STEADY))] == []


def test_what_comes_in_clumps_anyhow_is_no_excess():
    assert find_excess([20 if place % 7 == 0 else 0 for place in range(60)], STEADY) is None


def test_traffic_that_moves_everything_is_no_excess():
    traffic = [100] * 30 + [1000] * 10 + [100] * 20
    assert find_excess([count // 20 for count in traffic], traffic) is None


def test_nothing_is_no_excess():
    assert find_excess([0] * 60, STEADY) is None
