"""HTTP answers that turn from good to bad, by route: the share of 5xx before and after."""

from collections import defaultdict
from collections.abc import Sequence

from services.diagnosis.excess import find_excess
from services.diagnosis.file_scene import FileScene, Kind
from services.diagnosis.scene import LOUDNESS_SHARE, Scene, Signal, at

_SERVER_ERROR, _FIRST_ERROR = 500, 400
_MIN_LINES, _MIN_SHARE = 8, 0.05
_MAX_SIGNALS = 3


def status_shifts(scene: Scene) -> list[Signal]:
    """The routes whose share of server errors rose, the strongest first; one signal where all routes have it."""
    signals = [signal for file in scene.services for signal in _of_file(file)]
    return sorted(signals, key=lambda signal: (-signal.strength, signal.ref))[:_MAX_SIGNALS]


def _of_file(file: FileScene) -> list[Signal]:
    by_route: dict[str, list[Kind]] = defaultdict(list)
    for kind in file.kinds:
        if kind.request:
            by_route[kind.request.route].append(kind)
    shifted = [signal for route, kinds in by_route.items() if (signal := _shift(file, f"on {route}", kinds))]
    if len(shifted) < 2 or len(shifted) < len(by_route) / 2:
        return shifted
    everything = _shift(file, "on most routes", [kind for kinds in by_route.values() for kind in kinds])
    return [everything] if everything else shifted


def _shift(file: FileScene, where: str, kinds: Sequence[Kind]) -> Signal | None:
    bad = [kind for kind in kinds if kind.request and kind.request.status >= _SERVER_ERROR]
    good = file.counts_of([kind for kind in kinds if kind.request and kind.request.status < _FIRST_ERROR])
    counts = file.counts_of(bad)
    excess = find_excess(counts, good) if sum(counts) >= _MIN_LINES else None
    if excess is None or excess.count < _MIN_LINES:
        return None
    inside = slice(excess.begin, excess.end)
    share = excess.count / (excess.count + sum(good[inside]))
    outside_bad, outside_good = sum(counts) - excess.count, sum(good) - sum(good[inside])
    before = outside_bad / max(1, outside_bad + outside_good)
    lines = [line for kind in bad if (line := file.rates.first_line_since(kind.number, excess.begin)) is not None]
    if share < _MIN_SHARE or not lines:
        return None
    second = file.second_of(min(lines))
    return Signal(
        kind="status",
        ref=file.ref(min(lines)),
        strength=LOUDNESS_SHARE * excess.strength,
        second=second,
        title=f"Server errors {where} rose from {before:.1%} to {share:.1%}{at(second)}",
        summary=f"{excess.count:,} answers of 500 and above against {sum(good[inside]):,} good ones in that time.",
        component=bad[0].component,
    )
