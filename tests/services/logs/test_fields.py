from services.logs.fields import FieldSampler


def sampled(lines, block=1000):
    sampler = FieldSampler()
    for start in range(0, len(lines), block):
        sampler.sample(lines[start : start + block], start)
    return {series.name: series for series in sampler.series()}


def test_named_numbers_are_sampled_with_their_lines():
    series = sampled([b'{"id": %d, "latency_ms": %d, "host": "a"}' % (number, number * 2) for number in range(100)])
    assert list(series) == ["latency_ms"]
    assert list(series["latency_ms"].lines) == list(range(100))
    assert list(series["latency_ms"].values)[:3] == [0, 2, 4]


def test_a_long_file_costs_no_more_samples_and_stays_even():
    series = sampled([b"heap_mb=%d pool=3" % number for number in range(100_000)])["heap_mb"]
    assert 6_000 < len(series.lines) <= 16_384
    steps = {later - earlier for earlier, later in zip(series.lines, series.lines[1:], strict=False)}
    assert len(steps) == 1
    assert series.lines[-1] > 99_900


def test_rates_are_measures_and_identities_are_not():
    names = sampled([b"requests_per_second=9 request_id=4 port=80 status=200 user=7 queue.depth=3"] * 10)
    assert set(names) == {"requests_per_second", "queue.depth"}
