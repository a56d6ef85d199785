"""All detectors. The first finds what the verdict is about, the others add to it."""

from services.diagnosis.detectors.base import Detector
from services.diagnosis.detectors.failure_lines import failure_lines
from services.diagnosis.detectors.instructions import instructions
from services.diagnosis.detectors.moved_numbers import moved_numbers

LEADING: Detector = failure_lines
ADDING: tuple[Detector, ...] = (moved_numbers, instructions)
