import pytest

from services.logs.service_names import service_of


@pytest.mark.parametrize(
    ("component", "service"),
    [
        ("cart-service", "cart-service"),
        ("cart-1", "cart-1"),
        ("cart-551b14e3d-4fa9d/cart", "cart"),
        ("cart-7d9f8b6c5-x2x4z", "cart"),
        ("orders-store", "orders-store"),
        ("org.x.Cart", None),
        ("cart.go", None),
        (None, None),
    ],
)
def test_a_component_names_its_service_but_a_class_none(component, service):
    assert service_of(component) == service
