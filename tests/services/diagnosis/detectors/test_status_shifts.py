import random

import pytest

from services.diagnosis.detectors.status_shifts import status_shifts

HOUR = 3600


@pytest.fixture
def access(requests):
    """Requests of a route, of which this share fails from a moment on."""

    def lines(route, share, since=2000, before=0.01):
        draw = random.Random(route)
        for second, text in requests(HOUR, f'10.0.0.7 "GET {route} HTTP/1.1"', every=2):
            bad = draw.random() < (share if second >= since else before)
            yield second, f"{text} {500 if bad else 200} 312"

    return lines


def test_a_route_that_turns_bad_is_told_by_name(scene, told, access, begin):
    lines = told(*access("/api/orders/17", 0.6), *access("/api/users/4", 0.01), *access("/health", 0.0))
    (signal,) = status_shifts(scene({"access.log": lines}))
    assert "/api/orders" in signal.title
    assert begin + 1990 <= signal.second <= begin + 2060


def test_where_most_routes_turn_bad_it_is_told_once(scene, told, access):
    (signal,) = status_shifts(scene({"access.log": told(*access("/api/orders/17", 0.6), *access("/api/users/4", 0.5))}))
    assert "most routes" in signal.title


def test_the_errors_of_every_day_are_none(scene, told, access):
    assert status_shifts(scene({"access.log": told(*access("/api/orders/17", 0.02), *access("/a/4", 0.01))})) == []
