import pytest

from services.diagnosis.detectors.change_events import change_events, change_named

HOUR = 3600
FAILURES = [(second, "ERROR the ledger does not add up") for second in range(2000, HOUR, 10)]


@pytest.mark.parametrize(
    ("skeleton", "change"),
    [
        ("deployed billing <*> to production", "deploy"),
        ("Configuration reloaded from disk", "configuration"),
        ("feature flag new-checkout enabled by ana", "configuration"),
        ("pool size set to <*>", "configuration"),
        ("Received SIGTERM, exiting", "restart"),
        ("node <*> became leader in term <*>", "leader election"),
        ("failover: promoted replica <*>", "failover"),
        ("replicas of billing changed from <*> to <*>", "scaling"),
        ("ALTER TABLE orders ADD COLUMN note text", "migration"),
        ("the certificate of the gateway was renewed", "certificate"),
        ("GET /orders/<*> 200", None),
        ("request served from the cache", None),
    ],
)
def test_changes_are_known_by_their_words(skeleton, change):
    assert change_named(skeleton) == change


def test_a_change_just_before_the_trouble_is_told(scene, told, requests, begin):
    change = (1900, "INFO configuration revision 12 applied")
    (signal,) = change_events(scene({"api.log": told(*requests(HOUR), change, *FAILURES)}))
    assert (signal.kind, signal.second) == ("change", begin + 1900)
    assert "100 s before the first trouble" in signal.summary


def test_a_change_in_another_file_is_told_too(scene, told, requests):
    deploy = told((0, "INFO watching"), (1950, "INFO rollout of billing 2.4 finished"), (HOUR, "INFO watching"))
    (signal,) = change_events(scene({"api.log": told(*requests(HOUR), *FAILURES), "deploys.log": deploy}))
    assert signal.ref.file == 1


@pytest.mark.parametrize(
    "change",
    [
        (600, "INFO configuration revision 12 applied"),  # long before
        (2500, "INFO configuration revision 12 applied"),  # after
    ],
)
def test_a_change_at_another_time_is_not(scene, told, requests, change):
    assert change_events(scene({"api.log": told(*requests(HOUR), change, *FAILURES)})) == []


def test_what_is_reloaded_all_day_is_no_change(scene, told, requests):
    reloads = [(second, "INFO configuration reloaded") for second in range(0, HOUR, 60)]
    assert change_events(scene({"api.log": told(*requests(HOUR), *reloads, *FAILURES)})) == []


def test_a_deploy_that_went_well_is_nothing_to_tell(scene, told, requests):
    deploy = [(1900, "INFO received SIGTERM"), (1910, "INFO starting version 2.4"), (1912, "WARN cache is not set")]
    assert change_events(scene({"api.log": told(*requests(HOUR), *deploy)})) == []


def test_the_start_of_a_log_is_no_change(scene, told, requests):
    trouble = [(second, "ERROR the ledger does not add up") for second in range(400, 900, 10)]
    lines = told((0, "INFO starting version 2.4"), *requests(HOUR), *trouble)
    assert change_events(scene({"api.log": lines})) == []


def test_what_is_near_and_was_made_only_then_weighs_more(scene, told, requests):
    def strength(*changes):
        return change_events(scene({"api.log": told(*requests(HOUR), *changes, *FAILURES)}))[0].strength

    near = (1990, "INFO certificate of the gateway renewed")
    far = (1500, "INFO certificate of the gateway renewed")
    elsewhere = (700, "INFO certificate of the mail relay was renewed")
    assert strength(near) > strength(far) + 1
    assert strength(near) > strength(near, elsewhere) + 1
