"""The HTTP requests that kinds of lines tell of: their status, and the route by which they are grouped."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from services.logs.request_marks import request_marks
from services.logs.scan import Shape
from services.logs.skeletons import VARIABLE

_MAYBE_STATUS = re.compile(r"(?<!\d)[1-5]\d\d(?!\d)")
_PATH = re.compile(r"\b(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\s+(?:https?://[^/\s\"]+)?(/[^\s?\"]*)")
_ROUTE_PARTS = 2
# More are no routes but what clients made up.
_MAX_ROUTES = 40
OTHER_ROUTES = "other routes"


class Request(NamedTuple):
    """status: of the answer, which skeletons keep; route: the first parts of the path, one of the commonest."""

    status: int
    route: str


def requests_told(shapes: Sequence[Shape]) -> list[Request | None]:
    """For each shape the request that its lines tell of, if they name a status."""
    found = [_request(shape.skeleton) for shape in shapes]
    lines: Counter[str] = Counter()
    for shape, request in zip(shapes, found, strict=True):
        if request:
            lines[request.route] += shape.count
    common = {route for route, _ in lines.most_common(_MAX_ROUTES)}
    return [
        request if request is None or request.route in common else Request(request.status, OTHER_ROUTES)
        for request in found
    ]


def _request(skeleton: str) -> Request | None:
    if not _MAYBE_STATUS.search(skeleton):
        return None
    status = request_marks(skeleton.replace(VARIABLE, "0")).status
    return Request(status, _route(skeleton)) if status else None


def _route(skeleton: str) -> str:
    found = _PATH.search(skeleton)
    if found is None:
        return OTHER_ROUTES
    parts = [part for part in found[1].split("/") if part and VARIABLE not in part]
    return "/" + "/".join(parts[:_ROUTE_PARTS])
