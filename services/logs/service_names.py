"""The service that a line's component names."""

import re
from functools import lru_cache

# What a deployment adds to the names of its pods: a hash, or two.
_POD_SUFFIX = re.compile(
    r"(?:-(?=[a-z]*\d)[0-9a-f]{6,10})?-(?=[a-z]*\d|[bcdfghjklmnpqrstvwxz]{5}$)[0-9a-z]{5}$|-[0-9a-f]{8,10}$"
)
_SERVICE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*")
_SOURCE_FILE = re.compile(r"\.(?:go|py|js|ts|rb|rs|c|cc|cpp|h|java|kt|scala|cs|php|ex|html?|sh|ya?ml|json|conf|xml)$")


@lru_cache(1 << 12)
def service_of(component: str | None) -> str | None:
    """The service that a component names: of a pod's container the container, of a pod its deployment; None where it
    names a class of a program or nothing.
    """
    name = _POD_SUFFIX.sub("", (component or "").rpartition("/")[2])
    return name if _SERVICE_NAME.fullmatch(name) and not is_source_file(name) else None


def is_source_file(name: str) -> bool:
    """Whether a name is that of a program's source or of a configuration, by its ending."""
    return _SOURCE_FILE.search(name) is not None
