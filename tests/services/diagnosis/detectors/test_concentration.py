import random

import pytest

from services.diagnosis.detectors.concentration import concentration

HOUR = 3600


@pytest.fixture
def over_hosts(requests):
    """Events spread over four hosts, or of one."""

    def events(text, every, begin=0, host=None):
        draw = random.Random(text)
        for second, what in requests(HOUR, text, every=every, begin=begin):
            yield second, f"{what} host=node-{host or draw.randrange(1, 5)}"

    return events


def test_trouble_of_one_host_is_told(scene, told, over_hosts):
    lines = told(*over_hosts("INFO served", 2), *over_hosts("ERROR the disk does not answer", 10, 2000, host=3))
    (signal,) = concentration(scene({"api.log": lines}))
    assert signal.component == "node-3"
    assert signal.strength > 1


def test_trouble_of_all_hosts_is_not(scene, told, over_hosts):
    lines = told(*over_hosts("INFO served", 2), *over_hosts("ERROR the disk does not answer", 10, 2000))
    assert concentration(scene({"api.log": lines})) == []


def test_where_there_is_one_host_it_says_nothing(scene, told, over_hosts):
    lines = told(*over_hosts("INFO served", 2, host=3), *over_hosts("ERROR the disk fails", 10, 2000, host=3))
    assert concentration(scene({"api.log": lines})) == []
