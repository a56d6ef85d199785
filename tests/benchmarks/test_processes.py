import json
import subprocess
import sys

import pytest

from benchmarks.processes import cost_of

MEASURE = """
import json, sys
from benchmarks.processes import cost_of
idle = cost_of([sys.executable, "-c", "pass"])
busy = cost_of([sys.executable, "-c", "x = b'x' * 300_000_000; sum(range(6_000_000))"])
print(json.dumps([[c.seconds, c.cpu_seconds, c.peak_rss_bytes] for c in (idle, busy)]))
"""


def test_work_and_memory_of_a_process_are_counted():
    """In a fresh process: a child's peak is never below that of its parent, and the tests' own may be large."""
    measured = subprocess.run([sys.executable, "-c", MEASURE], check=True, capture_output=True).stdout
    (_, idle_cpu, idle_rss), (busy_seconds, busy_cpu, busy_rss) = json.loads(measured)
    assert busy_cpu > idle_cpu
    assert busy_rss > 300_000_000 > idle_rss
    assert busy_seconds > 0


def test_a_failure_is_no_measurement():
    with pytest.raises(subprocess.CalledProcessError):
        cost_of([sys.executable, "-c", "raise SystemExit(3)"])


def test_grep_reads_everything(tmp_path):
    log = tmp_path / "app.log"
    log.write_text("error\n" * 6_000_000)
    first_line_only = cost_of(["grep", "-m1", "-c", "error", str(log)])
    assert cost_of(["grep", "-cE", "error|fail", str(log)]).cpu_seconds > 3 * first_line_only.cpu_seconds


def test_an_unknown_benchmark_is_refused_by_name():
    run = subprocess.run([sys.executable, "-m", "benchmarks", "nonsense"], check=False, capture_output=True, text=True)
    assert run.returncode == 2
    assert "there is no benchmark 'nonsense'; there are: " in run.stderr
