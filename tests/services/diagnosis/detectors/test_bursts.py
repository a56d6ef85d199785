from services.diagnosis.detectors.bursts import bursts

HOUR = 3600
ERROR = "ERROR the ledger does not add up"


def test_a_new_kind_of_error_that_stays_is_a_step(scene, told, requests, begin):
    errors = [(second, ERROR) for second in range(2000, HOUR, 10)]
    (signal,) = bursts(scene({"api.log": told(*requests(HOUR), *errors)}))
    assert (signal.kind, signal.second) == ("step", begin + 2000)
    assert "0 lines a minute before, 5.9" in signal.summary


def test_one_that_goes_again_is_a_burst(scene, told, requests):
    errors = [(second, ERROR) for second in range(2000, 2300, 5)]
    (signal,) = bursts(scene({"api.log": told(*requests(HOUR), *errors)}))
    assert signal.kind == "burst"


def test_one_that_grows_is_a_ramp(scene, told, requests):
    errors = [(2000 + int(1600 * (number / 150) ** 0.5), ERROR) for number in range(150)]
    (signal,) = bursts(scene({"api.log": told(*requests(HOUR), *errors)}))
    assert signal.kind == "ramp"


def test_an_ordinary_kind_that_comes_ten_times_as_often_is_told(scene, told, requests):
    often = list(requests(2400, "INFO asked the index again", every=1.5, begin=2000))
    seldom = list(requests(HOUR, "INFO asked the index again", every=20))
    (signal,) = bursts(scene({"api.log": told(*requests(HOUR), *often, *seldom)}))
    assert "asked the index again" in signal.title


def test_errors_of_every_day_a_peak_of_traffic_and_a_nightly_job_are_none(scene, told, requests):
    every_day = list(requests(HOUR, "WARN client went away", every=60))
    peak = [*requests(2200, every=0.5, begin=1600, seed=2), *requests(2200, "WARN client went away", 10, 1600, 3)]
    job = [(second, f"INFO exported the rows of shard {second}") for second in range(1000, 1200)]
    assert bursts(scene({"api.log": told(*requests(HOUR), *every_day, *peak, *job)})) == []


def test_lines_of_a_build_do_not_burst(scene, told):
    steps = [f"##[group]Run step {number}" for number in range(5)]
    log = [*steps, *told(*((second, ERROR) for second in range(100)))]
    assert bursts(scene({"build.log": log})) == []
