"""All detectors of signals, run together."""

from services.diagnosis.detectors.base import View
from services.diagnosis.detectors.cascade import cascade
from services.diagnosis.detectors.change_events import change_events
from services.diagnosis.detectors.silence import silence
from services.diagnosis.scene import Scene, Signal, SignalDetector, scene_of
from services.logs.scan import FileScan

SIGNAL_DETECTORS: tuple[SignalDetector, ...] = (cascade, silence, change_events)


def signals_of(view: View, *, baseline: FileScan | None = None) -> list[Signal]:
    """What happened over time and between files, the strongest first. baseline: the scan of a good run."""
    return signals_in(scene_of(view, baseline=baseline))


def signals_in(scene: Scene) -> list[Signal]:
    """The signals of files that were taken apart already."""
    signals = [signal for detect in SIGNAL_DETECTORS for signal in detect(scene)]
    return sorted(signals, key=lambda signal: (-signal.strength, signal.kind, signal.ref))
