"""All detectors of signals, run together."""

from services.diagnosis.detectors.against_baseline import against_baseline
from services.diagnosis.detectors.bursts import bursts
from services.diagnosis.detectors.cascade import cascade
from services.diagnosis.detectors.change_events import change_events
from services.diagnosis.detectors.concentration import concentration
from services.diagnosis.detectors.crash_loops import crash_loops
from services.diagnosis.detectors.outages import outages
from services.diagnosis.detectors.retry_storms import retry_storms
from services.diagnosis.detectors.silence import silence
from services.diagnosis.detectors.status_shifts import status_shifts
from services.diagnosis.scene import Scene, Signal, SignalDetector

SIGNAL_DETECTORS: tuple[SignalDetector, ...] = (
    cascade,
    silence,
    change_events,
    crash_loops,
    retry_storms,
    outages,
    status_shifts,
    bursts,
    concentration,
    against_baseline,
)


def signals_of(scene: Scene) -> list[Signal]:
    """What happened over time and between files, the strongest first."""
    signals = [signal for detect in SIGNAL_DETECTORS for signal in detect(scene)]
    return sorted(signals, key=lambda signal: (-signal.strength, signal.kind, signal.ref))
