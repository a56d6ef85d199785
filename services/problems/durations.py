"""Lengths of time as rules write them: `90s`, `1m30s`, `500ms`."""

import re

_UNIT_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3_600.0}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)")
_WHOLE = re.compile(rf"(?P<sign>[+-]?)(?P<parts>(?:(?:{_PART.pattern}))+|0)")


def seconds_of(text: str) -> float:
    """The seconds of a duration.

    Raises:
        ValueError: it is none, with how one is written.
    """
    whole = _WHOLE.fullmatch(text.strip())
    if whole is None:
        raise ValueError(f"{text!r} is no duration: write it as 500ms, 30s, 5m or 1h30m")
    seconds = sum(float(amount) * _UNIT_SECONDS[unit] for amount, unit in _PART.findall(whole["parts"]))
    return -seconds if whole["sign"] == "-" else seconds
