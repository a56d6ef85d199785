"""What differs from a good run of the same: trouble that it does not know, and what it says that is missing."""

import math

from services.diagnosis.file_scene import FileScene, Kind
from services.diagnosis.scene import MAX_STRENGTH, Scene, Signal, at
from services.logs.scan import FileScan, Shape

_NEW_STRENGTH = 2.0
# Said at least so often, or it may have been chance that it was said at all.
_MIN_TIMES = 3
_MAX_NEW, _MAX_VANISHED = 5, 3


def against_baseline(scene: Scene) -> list[Signal]:
    """New trouble in the order of its coming, then what vanished, the commonest first; nothing without a good run."""
    if scene.baseline is None:
        return []
    known = frozenset(shape.skeleton for shape in scene.baseline.shapes)
    new = [
        _new(file, kind, scene.owner(file, kind))
        for file in scene.files
        for kind in file.kinds
        if _is_news(file, kind, known)
    ]
    new.sort(key=lambda signal: (signal.second or 0, signal.ref))
    return [*new[:_MAX_NEW], *_vanished(scene, scene.baseline)[:_MAX_VANISHED]]


def _is_news(file: FileScene, kind: Kind, known: frozenset[str]) -> bool:
    is_trouble = kind.is_abnormal or kind.is_suspect
    return is_trouble and all(file.scan.shapes[shape].skeleton not in known for shape in kind.shapes)


def _new(file: FileScene, kind: Kind, owner: str | None) -> Signal:
    second = file.second_of(kind.first_line)
    return Signal(
        kind="new",
        ref=file.ref(kind.first_line),
        strength=min(MAX_STRENGTH, _NEW_STRENGTH + math.log2(kind.count) / 4),
        second=second,
        title=f"The good run never says “{file.text(kind)[:80]}”",
        summary=f"Here it comes {kind.count:,} times, first in line {kind.first_line + 1:,}{at(second)}.",
        component=owner,
    )


def _vanished(scene: Scene, baseline: FileScan) -> list[Signal]:
    """What the good run says often and these files never, each cited by the line after which it should have come."""
    said = {shape.skeleton for file in scene.files for shape in file.scan.shapes}
    texts = {template.text for file in scene.files for template in file.scan.templates}
    missing = [
        shape
        for shape, template in zip(baseline.shapes, baseline.template_of_shape, strict=True)
        if shape.skeleton not in said and baseline.templates[template].text not in texts and shape.count >= _MIN_TIMES
    ]
    missing.sort(key=lambda shape: (-shape.count, shape.first_line))
    signals = [_missing(scene, baseline, shape) for shape in missing[:_MAX_VANISHED]]
    return [signal for signal in signals if signal]


def _missing(scene: Scene, baseline: FileScan, shape: Shape) -> Signal | None:
    """Cited by the last line of the kind that comes just before it in the good run."""
    before = [other for other in baseline.shapes if other.first_line < shape.first_line]
    for known in sorted(before, key=lambda other: -other.first_line):
        for file in scene.files:
            last = [own.last_line for own in file.scan.shapes if own.skeleton == known.skeleton]
            if last:
                return _missing_after(file, max(last), shape, baseline)
    return None


def _missing_after(file: FileScene, line: int, shape: Shape, baseline: FileScan) -> Signal:
    share = shape.count * file.scan.line_count / max(1, baseline.line_count)
    return Signal(
        kind="vanished",
        ref=file.ref(line),
        strength=min(MAX_STRENGTH, math.log2(1 + max(1.0, share)) / 2 + 1),
        second=file.second_of(line),
        title=f"The good run says “{shape.skeleton[:80]}”, this one never",
        summary=f"{shape.count:,} times in {baseline.line_count:,} lines of the good run; here it is missing "
        f"behind line {line + 1:,}.",
        component=shape.component,
    )
