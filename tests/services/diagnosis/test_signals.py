import importlib
import pkgutil

from services.diagnosis import detectors
from services.diagnosis.detectors.base import View
from services.diagnosis.ranking import rank
from services.diagnosis.scene import Scene, scene_of
from services.diagnosis.signals import SIGNAL_DETECTORS, signals_of

HOUR = 3600


def test_every_detector_of_signals_runs():
    names = [module.name for module in pkgutil.iter_modules(detectors.__path__)]
    modules = [importlib.import_module(f"services.diagnosis.detectors.{name}") for name in names]
    taking_scenes = {
        function
        for module, name in zip(modules, names, strict=True)
        if (function := getattr(module, name, None)) and Scene in getattr(function, "__annotations__", {}).values()
    }
    assert taking_scenes == set(SIGNAL_DETECTORS)


def test_the_strongest_signal_comes_first_and_all_are_within_their_range(scanned):
    lines = [f"2026-11-22 07:{second // 60:02d}:{second % 60:02d} INFO served" for second in range(0, HOUR, 2)]
    lines += [f"2026-11-22 07:{minute:02d}:30 ERROR call to ledger-db:5432 timed out" for minute in range(40, 60)] * 3
    scan = scanned(sorted(lines))
    found = signals_of(scene_of(View([scan], [rank(scan)], ())))
    assert {signal.kind for signal in found} >= {"cascade", "step"}
    assert all(0 <= signal.strength <= 6 for signal in found)
    assert [signal.strength for signal in found] == sorted((signal.strength for signal in found), reverse=True)


def test_nothing_is_said_of_nothing():
    assert signals_of(scene_of(View([], [], ()))) == []
