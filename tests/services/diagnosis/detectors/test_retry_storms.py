from services.diagnosis.detectors.retry_storms import retry_storms

HOUR = 3600


def test_a_storm_is_told_with_its_source_and_whom_it_retries(scene, told, requests):
    source = (1995, "ERROR the session to keeper.prod:2181 expired")
    retries = [(second, "WARN reconnecting to keeper.prod:2181, attempt 4") for second in range(2000, 2600, 3)]
    lines = told(*requests(HOUR), source, *retries)
    (signal,) = retry_storms(scene({"api.log": lines}))
    assert (signal.kind, signal.blames) == ("retry storm", "keeper.prod")
    assert "expired" in lines[signal.ref.line]
    assert "reconnecting" in lines[signal.context[0].line]


def test_a_retry_now_and_then_is_none(scene, told, requests):
    retries = list(requests(HOUR, "WARN retrying a letter, the second try went well", every=60))
    assert retry_storms(scene({"api.log": told(*requests(HOUR), *retries)})) == []
