from services.diagnosis.detectors.silence import silence

HOUR = 3600


def beats(until, every=30, text="INFO lease renewed by the keeper", begin=0):
    return [(second, text) for second in range(begin, until, every)]


def test_a_heartbeat_that_stops_is_told(scene, told, requests, begin):
    (signal,) = silence(scene({"api.log": told(*requests(HOUR), *beats(2400))}))
    assert (signal.kind, signal.second) == ("silence", begin + 2370)
    assert "every 30 s" in signal.summary
    assert signal.strength > 4


def test_a_heartbeat_that_goes_on_is_not(scene, told, requests):
    assert silence(scene({"api.log": told(*requests(HOUR), *beats(HOUR))})) == []


def test_a_phase_that_ends_is_no_silence(scene, told, requests):
    waiting = beats(300, every=5, text="INFO waiting until the tables are there")
    assert silence(scene({"api.log": told(*requests(HOUR), *waiting)})) == []


def test_what_comes_now_and_then_does_not_beat(scene, told, requests):
    rare = list(requests(2000, "INFO one cache entry was dropped", every=100))
    assert silence(scene({"api.log": told(*requests(HOUR), *rare)})) == []


def test_a_log_that_ends_is_no_silence_of_its_heartbeat(scene, told, requests):
    stopping = [(HOUR - 200, "INFO going down for the night")]
    quiet = [*requests(HOUR - 200), *beats(HOUR - 200), *stopping, (HOUR, "INFO closed the log")]
    assert silence(scene({"api.log": told(*quiet)})) == []


def test_a_service_that_falls_silent_while_others_go_on_is_told(scene, told, requests, begin):
    files = {f"{name}.log": told(*requests(HOUR, seed=name)) for name in ("cart", "search", "mail")}
    (signal,) = silence(scene(files | {"stock.log": told(*requests(2000))}))
    assert signal.component == "stock"
    assert begin + 1980 <= signal.second < begin + 2000


def test_services_of_one_file_are_told_apart(scene, told, requests):
    lines = told(
        *requests(HOUR, 'level=info service=cart msg="served a request"'),
        *requests(HOUR, 'level=info service=mail msg="sent a letter"'),
        *requests(2000, 'level=info service=stock msg="counted the boxes"'),
    )
    (signal,) = silence(scene({"all.log": lines}))
    assert signal.component == "stock"


def test_logs_that_end_together_are_not_silent(scene, told, requests):
    files = {f"{name}.log": told(*requests(HOUR, seed=name)) for name in ("cart", "search", "mail")}
    assert silence(scene(files)) == []


def test_a_service_that_falls_silent_for_a_while_is_told(scene, told, requests, begin):
    files = {f"{name}.log": told(*requests(HOUR, seed=name)) for name in ("cart", "search", "mail")}
    stock = told(*requests(1500, seed="a"), *requests(HOUR, begin=2100, seed="b"))
    (signal,) = silence(scene(files | {"stock.log": stock}))
    assert signal.component == "stock"
    assert begin + 1400 <= signal.second < begin + 1500


def test_a_file_that_merely_ends_earlier_is_a_weaker_sign_than_one_whose_end_the_others_feel(scene, told, requests):
    def strength(*felt):
        others = {f"{name}.log": told(*requests(HOUR, seed=name), *felt) for name in ("cart", "search")}
        (signal,) = [
            one for one in silence(scene(others | {"stock.log": told(*requests(2000))})) if one.component == "stock"
        ]
        return signal.strength

    assert strength() == 2.0
    assert strength(*[(second, "ERROR cannot reach the boxes") for second in range(2010, HOUR, 20)]) > 4
