"""Whether a log is that of a service, which runs on, or of a build, which runs once and fails at its end."""

from services.diagnosis.courses import has_courses
from services.logs.scan import FileScan

_HEADED_SHARE = 0.8


def is_service_log(scan: FileScan, *, is_marked: bool) -> bool:
    """A service's log bears times over minutes. `is_marked`: there are a build's marks of steps and their ends; where
    lines have a service's headers those do not make it a build, whoever wrote them there.
    """
    return has_courses(scan) and (not is_marked or is_headed(scan))


def is_headed(scan: FileScan) -> bool:
    """Whether nearly all lines bear a time and who speaks or how loud, as those of services do and of builds do not."""
    headed = sum(
        shape.count for shape in scan.shapes if shape.is_stamped and (shape.component or shape.level is not None)
    )
    return headed >= _HEADED_SHARE * scan.line_count
