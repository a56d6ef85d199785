import pytest

from services.diagnosis.component_names import NameBook, addresses_in, name_of_file

BOOK = NameBook(["payment-service", "stock", "node-1", "node-2", "OrderKeeper"])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("POST http://payments/v2 failed", {"payment-service"}),
        ("PaymentService did not answer", {"payment-service"}),
        ("payment_service is down", {"payment-service"}),
        ("upstream=stock:8080 timed out", {"stock"}),
        ("rpc to dns:///stock.prod.svc:50051 failed", {"stock"}),
        ("the payment was declined", set()),
        ("out of stock", set()),
        ("node-2 left, node-7 joined", {"node-2"}),
        ("order-keeper refused", {"OrderKeeper"}),
    ],
)
def test_names_are_found_as_people_write_them(text, names):
    assert BOOK.names_in(text) == names


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("connect to redis-1.prod:6379 failed", ["redis-1.prod"]),
        ("postgres://app:secret@orders-db/app refused", ["orders-db"]),
        ("at main.go:12 and Main.java:30", []),
        ("localhost:8080", []),
        ("took 3:20", []),
    ],
)
def test_addresses_are_found(text, hosts):
    assert list(addresses_in(text)) == hosts


@pytest.mark.parametrize(
    ("path", "name"),
    [("logs/cart.log", "cart"), ("a/stock-service.log.1.gz", "stock-service"), ("mail", "mail"), (".log", ".log")],
)
def test_a_file_names_its_service(path, name):
    assert name_of_file(path) == name
