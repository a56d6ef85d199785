"""Known failures inside twenty thousand ordinary lines: told once or in a burst, with what follows from them."""

import random

from benchmarks.incidents.case import Case, Event, Label
from benchmarks.incidents.drawing import Values
from benchmarks.incidents.forms import FORMS, written
from benchmarks.incidents.ordinary_days import draw_span, moments, ordinary_events, rare_events, told
from benchmarks.incidents.phrases import consequences, failures, services

_LINES = 20_000


def needle_case(pool: str, index: int, *, lines: int = _LINES) -> Case:
    """The `index`-th case of the pool: kinds of failure in turn, all else drawn."""
    draw = random.Random(f"needle {pool} {index}")
    kinds = sorted(failures(pool))
    # A stride that shares no factor with the number of kinds visits them all, and early ones are not alike.
    kind = kinds[index * 29 % len(kinds)]
    service, form_name = draw.choice(services(pool)), draw.choice(list(FORMS))
    span = draw_span(draw)
    apart = [*_failure(draw, pool, kind, span), *rare_events(draw, pool, span)]
    events = [*ordinary_events(draw, service, moments(draw, span, lines - len(apart))), *apart]
    events.sort(key=lambda event: event.at)
    text, causes = written(events, FORMS[form_name](draw, service.name))
    name = f"{service.name}.log"
    label = Label(failure=kind, cause_lines={name: causes}, onset=apart[0].at)
    return Case(f"needle-{pool}-{index:03d}-{kind}-{form_name}", {name: text}, label)


def _failure(draw: random.Random, pool: str, kind: str, span: tuple[float, float]) -> list[Event]:
    start, end = span
    began = start + (end - start) * draw.uniform(0.2, 0.9)
    left = end - began
    values, phrase = Values.of_a_case(draw), draw.choice(failures(pool)[kind])
    count = draw.choice((1, 1, 2, 6, 25))
    lasts = min(left, draw.choice((20.0, 120.0, 600.0)))
    times = [began, *sorted(began + draw.random() * lasts for _ in range(count - 1))]
    events = [told(phrase, at, values, is_cause=True) for at in times]
    for follower in draw.sample(consequences(pool), draw.randrange(4)):
        first = began + draw.uniform(0.2, 30)
        follow = [first + draw.random() * lasts for _ in range(draw.choice((1, 4, 20)))]
        events += [told(follower, at, values) for at in follow if at < end]
    return events
