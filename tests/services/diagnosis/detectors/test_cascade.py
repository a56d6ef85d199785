from services.diagnosis.detectors.cascade import cascade

HOUR = 3600


def errors(text, begin=2000, every=20):
    return [(second, f"ERROR {text}") for second in range(begin, HOUR, every)]


def test_the_service_that_the_others_name_is_the_root(scene, told, requests):
    files = {
        "gateway.log": told(*requests(HOUR), *errors("call to cart:8080 timed out", 2003)),
        "cart.log": told(*requests(HOUR), *errors("http://stock-service/v2 answered 500", 2001)),
        "mail.log": told(*requests(HOUR), *errors("connection to stock-service refused", 2004)),
        "stock-service.log": told(*requests(HOUR)),
    }
    signal = cascade(scene(files))[0]
    assert (signal.kind, signal.blames) == ("cascade", "stock-service")
    assert signal.ref.file == 1
    assert signal.strength > 3


def test_a_root_that_complains_itself_is_cited_by_its_own_first_line(scene, told, requests, begin):
    files = {
        "gateway.log": told(*requests(HOUR), *errors("call to stock:8080 timed out", 2010)),
        "stock.log": told(*requests(HOUR), *errors("the disk is full: no space left on device", 1990)),
    }
    signal = cascade(scene(files))[0]
    assert (signal.component, signal.blames, signal.second) == ("stock", None, begin + 1990)
    assert signal.ref.file == 1


def test_who_fails_without_blaming_anybody_is_the_root_where_nobody_is_named(scene, told, requests, begin):
    warned = [(second, "WARN the shelf of a box is not known") for second in range(2001, HOUR, 20)]
    files = {
        "gateway.log": told(*requests(HOUR), *errors("upstream did not answer within 500 ms", 2000)),
        "cart.log": told(*requests(HOUR), *errors("request failed: downstream error", 2002)),
        "stock.log": told(*requests(HOUR), *warned),
    }
    (signal,) = cascade(scene(files))
    assert (signal.component, signal.second) == ("stock", begin + 2001)


def test_a_host_without_a_log_can_be_blamed(scene, told, requests):
    files = {"cart.log": told(*requests(HOUR), *errors("dial tcp orders-db.internal:5432: i/o timeout"))}
    (signal,) = cascade(scene(files))
    assert (signal.component, signal.blames) == ("cart", "orders-db.internal")


def test_who_failed_long_before_the_others_is_told(scene, told, requests, begin):
    files = {
        "cart.log": told(*requests(HOUR), *errors("the cart is empty when it must not be", 2300)),
        "stock.log": told(*requests(HOUR), *errors("a shelf has a negative count", 2000)),
    }
    (signal,) = cascade(scene(files))
    assert (signal.component, signal.second) == ("stock", begin + 2000)


def test_clocks_that_differ_by_seconds_decide_nothing(scene, told, requests):
    files = {
        "cart.log": told(*requests(HOUR), *errors("the cart is empty when it must not be", 2003)),
        "stock.log": told(*requests(HOUR), *errors("a shelf has a negative count", 2000)),
    }
    assert cascade(scene(files)) == []


def test_periodic_errors_of_every_day_are_no_cascade(scene, told, requests):
    files = {
        "cart.log": told(*requests(HOUR), *errors("call to stock:8080 timed out", 10, 120)),
        "stock.log": told(*requests(HOUR), *errors("client went away", 50, 200)),
    }
    assert cascade(scene(files)) == []


def test_who_falls_silent_as_the_others_fail_is_the_root(scene, told, requests):
    files = {
        "gateway.log": told(*requests(HOUR), *errors("upstream did not answer within 500 ms", 2000)),
        "cart.log": told(*requests(HOUR), *errors("request failed: downstream error", 2002)),
        "stock.log": told(*requests(1995), *requests(HOUR, begin=2900, seed=2)),
    }
    signal = cascade(scene(files))[0]
    assert (signal.kind, signal.component) == ("cascade", "stock")
    assert signal.ref.file == 2


def test_a_trouble_of_long_before_is_another_matter(scene, told, requests, begin):
    early = [(second, "ERROR the clock is off") for second in range(300, 400, 5)]
    files = {
        "mail.log": told(*requests(HOUR), *early),
        "cart.log": told(*requests(HOUR), *errors("the cart is empty when it must not be", 2100)),
        "stock.log": told(*requests(HOUR), *errors("a shelf has a negative count", 2000)),
    }
    (signal,) = cascade(scene(files))
    assert (signal.component, signal.second) == ("stock", begin + 2000)


def test_the_fatal_line_is_cited_and_not_the_first_of_the_many_warnings_below_it(scene, told, requests):
    warned = [(second, "WARN queue of the store is long") for second in range(2005, HOUR, 10)]
    failed = [(second, "ERROR call to store failed") for second in range(2020, HOUR, 10)]
    files = {
        "store.log": told(*requests(HOUR), (2004, "FATAL the journal cannot be written"), *warned),
        "cart.log": told(*requests(HOUR, seed=2), *failed),
    }
    (signal, *_) = cascade(scene(files))
    assert signal.component == "store"
    assert "FATAL" in files["store.log"][signal.ref.line]
