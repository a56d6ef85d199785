from services.diagnosis.detectors.against_baseline import against_baseline

HOUR = 3600


def test_trouble_that_the_good_run_does_not_know_and_what_it_says_that_is_missing(scene, told, requests):
    good = [*requests(HOUR), *requests(HOUR, "WARN a known nuisance", 90)]
    flushed = [(second, "INFO flushed the journal") for second in range(0, HOUR, 60)]
    log = told(*good, (2000, "ERROR the journal is read-only"))
    new, vanished = against_baseline(scene({"db.log": log}, baseline=told(*good, *flushed)))
    assert (new.kind, log[new.ref.line][20:]) == ("new", "ERROR the journal is read-only")
    assert vanished.kind == "vanished"
    assert "flushed the journal" in vanished.title


def test_the_same_again_is_nothing_to_tell(scene, told, requests):
    good = [*requests(HOUR), *requests(HOUR, "WARN a known nuisance", 90)]
    other = [*requests(HOUR, seed=2), *requests(HOUR, "WARN a known nuisance", 60, seed=2)]
    assert against_baseline(scene({"db.log": told(*other)}, baseline=told(*good))) == []


def test_without_a_good_run_there_is_nothing_to_compare(scene, told, requests):
    assert against_baseline(scene({"db.log": told(*requests(HOUR), (9, "ERROR no"))})) == []
