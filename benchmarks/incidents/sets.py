"""The sets of generated logs, and what is wanted of the diagnosis on each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.incidents.case import Case
from benchmarks.incidents.healthy import healthy_case
from benchmarks.incidents.hostile import hostile_case
from benchmarks.incidents.needles import needle_case
from benchmarks.incidents.replicas import replica_case
from benchmarks.incidents.service_incidents import incident_case

POOLS = ("tune", "hold")


@dataclass(frozen=True, slots=True)
class LogSet:
    """What the cases are; who makes the n-th of a pool; the measure wanted, and what of it: at least or at most."""

    about: str
    make: Callable[[str, int], Case]
    wanted: Mapping[str, str]

    def is_missed(self, measures: Mapping[str, float]) -> bool:
        """Whether one case fails a measure that is wanted."""
        return any((measures[name] < 1) is figure.startswith(">") for name, figure in self.wanted.items())


SETS = {
    "K": LogSet("needles in ordinary lines", needle_case, {"hit@10": ">= .90"}),
    "S": LogSet("incidents of services", incident_case, {"service@1": ">= .60"}),
    "B": LogSet("failing runs beside good ones", replica_case, {"hit@10": ">= .80"}),
    "H": LogSet("healthy logs", healthy_case, {"sure": "<= .10"}),
    "X": LogSet("hostile lines", hostile_case, {"unmoved": ">= .95"}),
}
