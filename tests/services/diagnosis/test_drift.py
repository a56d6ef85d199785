import random
from array import array

import pytest

from services.diagnosis.drift import find_drifts
from services.logs.fields import FieldSeries


def series(values, name="latency_ms"):
    return FieldSeries(name, array("L", range(0, 10 * len(values), 10)), array("d", values))


def noisy(level, count, seed=7):
    dice = random.Random(seed)
    return [level + dice.uniform(-5, 5) for _ in range(count)]


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        (noisy(100, 500) + noisy(400, 500), "rising"),
        (noisy(100, 500) + noisy(20, 500), "falling"),
        (noisy(100, 500) + noisy(400, 200) + noisy(100, 300), "recovered"),
    ],
)
def test_a_number_that_leaves_its_level_is_found_at_its_line(values, outcome):
    (drift,) = find_drifts([series(values)], line_count=10_000)
    assert drift.outcome == outcome
    assert drift.line == 5000
    assert drift.before == pytest.approx(100, abs=2)


@pytest.mark.parametrize(
    "values",
    [noisy(100, 1000), noisy(100, 500) + noisy(120, 500), noisy(100, 100) + noisy(900, 100), [0.0] * 1000, [1.0]],
)
def test_noise_small_moves_and_short_series_are_quiet(values):
    assert find_drifts([series(values)], line_count=10_000) == []


def test_one_wild_value_is_no_change():
    values = noisy(100, 1000)
    values[600] = 9_999
    assert find_drifts([series(values)], line_count=10_000) == []


def test_the_strongest_comes_first():
    twice, tenfold = noisy(100, 500) + noisy(200, 500), noisy(10, 500) + noisy(1000, 500)
    drifts = find_drifts([series(twice, "a"), series(tenfold, "b")], line_count=10_000)
    assert [drift.field for drift in drifts] == ["b", "a"]


def test_a_number_told_only_in_the_trouble_itself_is_quiet():
    late = FieldSeries("active", array("L", range(60_000, 70_000, 10)), array("d", noisy(20, 500) + noisy(900, 500)))
    assert find_drifts([late], line_count=70_000) == []
