from services.diagnosis.detectors.crash_loops import crash_loops

HOUR = 3600
START = "INFO Starting ledger 2.4"


def test_a_process_that_starts_again_and_again_is_told(scene, told, requests, begin):
    starts = [(second, START) for second in range(2000, HOUR, 200)]
    (signal,) = crash_loops(scene({"api.log": told((0, START), *requests(HOUR), *starts)}))
    assert (signal.kind, signal.second) == ("crash loop", begin + 2000)
    assert "8 times" in signal.title
    assert signal.strength == 4


def test_what_killed_it_comes_first(scene, told, requests):
    starts = [(second, START) for second in range(2000, HOUR, 200)]
    kill = (1990, "kernel: Out of memory: Killed process 812 (ledger)")
    lines = told(*requests(HOUR), kill, *starts)
    (signal,) = crash_loops(scene({"api.log": lines}))
    assert "Killed process" in lines[signal.ref.line]


def test_a_process_that_dies_once_is_told(scene, told, requests, begin):
    lines = told(*requests(HOUR), (2000, "ERROR worker 7 exited with code 137"))
    (signal,) = crash_loops(scene({"api.log": lines}))
    assert (signal.kind, signal.second) == ("death", begin + 2000)


def test_one_start_a_deploy_and_what_starts_all_day_are_none(scene, told, requests):
    deploy = [(1800, "INFO received SIGTERM"), (1805, START), (1806, "INFO exited with code 0")]
    sessions = [(second, f"INFO Starting session {second} of ana") for second in range(0, HOUR, 120)]
    assert crash_loops(scene({"api.log": told((0, START), *requests(HOUR), *deploy, *sessions)})) == []
