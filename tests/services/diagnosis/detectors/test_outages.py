from services.diagnosis.detectors.outages import outages

HOUR = 3600


def failures(begin, end):
    return [(second, "ERROR cannot reach the geocoder: connection refused") for second in range(begin, end, 5)]


def test_trouble_that_ends_while_the_log_goes_on_is_an_outage(scene, told, requests, begin):
    (signal,) = outages(scene({"api.log": told(*requests(HOUR), *failures(1800, 2400))}))
    assert (signal.kind, signal.second, signal.component) == ("outage", begin + 1800, "api")
    assert "10 min" in signal.title
    assert signal.context


def test_trouble_that_lasts_is_none(scene, told, requests):
    assert outages(scene({"api.log": told(*requests(HOUR), *failures(1800, HOUR))})) == []


def test_it_is_not_over_where_nothing_ordinary_comes_back(scene, told, requests):
    lines = told(*requests(1800), *failures(1800, 2400), (HOUR, "INFO somebody looked at the console"))
    assert outages(scene({"api.log": lines})) == []


def test_a_healthy_day_has_none(scene, told, requests):
    assert outages(scene({"api.log": told(*requests(HOUR), *requests(HOUR, "ERROR no such page", 90))})) == []
