"""What a finished process cost."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# On macOS the kernel counts bytes, elsewhere kilobytes.
RSS_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Cost:
    """What a process and the children it waited for took.

    The memory is the peak of the largest of them, and never less than that of the process that started them: the
    kernel hands its mark on.
    """

    seconds: float
    cpu_seconds: float
    peak_rss_bytes: int


def cost_of(command: Sequence[str | Path]) -> Cost:
    """Run a command to its end. Raises CalledProcessError if it fails.

    Its output goes to a file: grep stops at the first match when it sees that nobody reads.
    """
    begin = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output)
        _, wait_status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(wait_status)
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * RSS_UNIT_BYTES)
