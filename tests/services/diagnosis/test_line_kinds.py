import pytest

from services.diagnosis.courses import courses_of
from services.diagnosis.line_kinds import line_kinds

FORMS = [
    "{service}  | 2026-11-22T07:{minute:02d}:00Z ERROR {said}",
    "Nov 22 07:{minute:02d}:00 host {service}[7]: {said}",
    '{{"ts":"2026-11-22T07:{minute:02d}:00Z","level":"error","service":"{service}","msg":"{said}"}}',
]


def told(form, service, minutes):
    return [form.format(service=service, minute=minute, said="lost the connection") for minute in minutes]


@pytest.mark.parametrize("form", FORMS)
def test_what_one_service_says_all_day_is_new_of_another(scanned, form):
    scan = scanned([*told(form, "mail", range(56)), *told(form, "cart", range(56, 60))])
    kinds = line_kinds(scan, is_by_service=True)
    courses = courses_of(scan, kinds)
    assert (kinds.counts, kinds.first_lines) == ([56, 4], [0, 56])
    assert [(courses[kind].is_background, courses[kind].is_new) for kind in (0, 1)] == [(True, False), (False, True)]


def test_pods_of_one_deployment_are_one_service(scanned):
    form = "[pod/{service}/cart] 2026-11-22T07:{minute:02d}:00Z ERROR {said}"
    scan = scanned([*told(form, "cart-7d9f8b6c5-x2x4z", range(9)), *told(form, "cart-7d9f8b6c5-bcdfg", range(9))])
    assert (len(scan.shapes), line_kinds(scan, is_by_service=True).counts) == (1, [18])


def test_a_build_is_not_told_apart_by_who_speaks(scanned):
    scan = scanned([*told(FORMS[0], "mail", range(3)), *told(FORMS[0], "cart", range(2))])
    assert line_kinds(scan, is_by_service=False).counts == [5]
