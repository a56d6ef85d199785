"""Trouble that keeps to one host, pod, tenant or thread while the ordinary lines are spread over many."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from services.diagnosis.file_scene import FileScene
from services.diagnosis.scene import MAX_STRENGTH, Scene, Signal, at
from services.diagnosis.trouble import Trouble
from services.logs.columns import lines_of
from services.logs.headers import parse_line
from services.logs.quoting import quote_lines

_FIELD = re.compile(
    r"(?i)\b(?P<name>host(?:name)?|node|pod(?:_name)?|instance(?:_id)?|tenant(?:_id)?|customer(?:_id)?|account(?:_id)?|"
    r"region|zone|shard(?:_id)?|partition|worker(?:_id)?|device|client(?:_id)?|cluster|version|queue|topic|db|database|"
    r"upstream|backend)\"?\s?[=:]\s?\"?(?P<value>[\w.:/-]{1,60})"
)
# Enough to tell nine in ten from half, few enough to be read again in no time.
_SAMPLED, _MIN_SAMPLED = 150, 20
_MIN_SHARE, _MAX_ORDINARY_SHARE, _MIN_VALUES = 0.9, 0.5, 3
# Larger files are not read again for this.
_MAX_BYTES = 64 << 20
_MAX_SIGNALS = 2
_ANY_DAY = date(2000, 1, 1)


def concentration(scene: Scene) -> list[Signal]:
    """For each file in trouble the field that tells its abnormal lines from the ordinary ones best."""
    signals = [
        signal
        for file in scene.services
        if file.scan.size_bytes <= _MAX_BYTES
        for one in scene.in_trouble
        if one.scene is file and one.is_whole_file and one.trouble and (signal := _of_file(file, one.trouble))
    ]
    return sorted(signals, key=lambda signal: (-signal.strength, signal.ref))[:_MAX_SIGNALS]


def _of_file(file: FileScene, trouble: Trouble) -> Signal | None:
    """Reads some of the lines again: what varies by numbers is in no template."""
    bad_shapes = {shape for kind in trouble.kinds for shape in kind.shapes}
    good_shapes = {shape for kind in file.kinds if not (kind.is_abnormal or kind.is_suspect) for shape in kind.shapes}
    bad = _evenly([line for line in lines_of(file.scan.shape_of_line, bad_shapes) if line >= trouble.line])
    good = _evenly(list(lines_of(file.scan.shape_of_line, good_shapes)))
    if len(bad) < _MIN_SAMPLED or len(good) < _MIN_SAMPLED:
        return None
    texts = quote_lines(file.scan, {*bad, *good})
    bad_values, good_values = _values(texts, bad), _values(texts, good)
    found = [
        (strength, field, value, shares)
        for field in bad_values
        if (told := _telling(bad_values[field], good_values.get(field, Counter())))
        for strength, value, shares in [told]
    ]
    if not found:
        return None
    strength, field, value, shares = max(found)
    return Signal(
        kind="concentration",
        ref=file.ref(trouble.line),
        strength=strength,
        second=trouble.second,
        title=f"The trouble keeps to {field} {value}{at(trouble.second)}",
        summary=f"{shares[0]:.0%} of the abnormal lines are of {field} {value}, of the ordinary ones {shares[1]:.0%}.",
        component=value,
    )


def _evenly(lines: Sequence[int]) -> Sequence[int]:
    return lines[:: max(1, len(lines) // _SAMPLED)][:_SAMPLED]


def _values(texts: Mapping[int, str], lines: Sequence[int]) -> Mapping[str, Counter[str]]:
    """How many of the lines have which value of each field."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for line in lines:
        text = texts.get(line, "")
        parsed = parse_line(text, today=_ANY_DAY)
        fields = {"host": parsed.host, "pod": parsed.pod, "thread": parsed.thread}
        fields |= {found["name"].lower(): found["value"] for found in _FIELD.finditer(text)}
        for field, value in fields.items():
            if value:
                counts[field][value] += 1
    return counts


def _telling(bad: Counter[str], good: Counter[str]) -> tuple[float, str, tuple[float, float]] | None:
    """(strength, value, its shares of the abnormal and of the ordinary lines), if it tells them apart."""
    if bad.total() < _MIN_SAMPLED or good.total() < _MIN_SAMPLED or len(good) < _MIN_VALUES:
        return None
    value, count = bad.most_common(1)[0]
    share, usual = count / bad.total(), good[value] / good.total()
    if share < _MIN_SHARE or usual > _MAX_ORDINARY_SHARE:
        return None
    return min(MAX_STRENGTH, math.log2(share / max(usual, 1 / good.total()))), value, (share, usual)
