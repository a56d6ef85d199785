"""The JSON that a line holds: the whole line, or what stands behind a prefix such as a time."""

import json
from typing import Any


def json_of(line: str) -> Any:
    """The object or array of a line, None if it holds none."""
    begin = line.find("{")
    if begin < 0:
        return None
    try:
        return json.loads(line[begin:])
    except (ValueError, RecursionError):
        return None
