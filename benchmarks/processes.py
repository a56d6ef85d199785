"""What a finished process cost."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# On macOS the kernel counts bytes, elsewhere kilobytes.
RSS_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024
_LAUNCHER = [sys.executable, "-I", "-S", str(Path(__file__).with_name("launcher.py"))]


@dataclass(frozen=True)
class Cost:
    """What a process and the children it waited for took.

    The memory is the peak of the largest of them; below the ten megabytes or so of the launcher nothing is told.
    """

    seconds: float
    cpu_seconds: float
    peak_rss_bytes: int
    output: str


def cost_of(command: Sequence[str | Path], *, environment: Mapping[str, str] | None = None) -> Cost:
    """Run a command to its end, with nothing to read. Raises CalledProcessError if it fails.

    Its output goes to a file: grep stops at the first match when it sees that nobody reads.
    """
    with tempfile.TemporaryFile() as output, tempfile.NamedTemporaryFile() as cost:
        launched = [*_LAUNCHER, cost.name, *map(str, command)]
        subprocess.run(launched, stdin=subprocess.DEVNULL, stdout=output, env=environment, check=True)
        seconds, cpu_seconds, peak_rss = json.loads(cost.read())
        output.seek(0)
        return Cost(seconds, cpu_seconds, peak_rss * RSS_UNIT_BYTES, output.read().decode(errors="replace"))
