import subprocess
import sys

import pytest

from benchmarks.processes import cost_of


def test_work_and_memory_of_a_process_are_counted():
    idle = cost_of([sys.executable, "-c", "pass"])
    busy = cost_of([sys.executable, "-c", "x = b'x' * 300_000_000; sum(range(6_000_000))"])
    assert busy.cpu_seconds > idle.cpu_seconds
    assert busy.peak_rss_bytes > 300_000_000
    assert busy.seconds > 0


def test_the_memory_of_who_measures_is_not_counted():
    ours = b"x" * 200_000_000
    assert cost_of([sys.executable, "-c", "pass"]).peak_rss_bytes < 100_000_000 < len(ours)


def test_what_a_process_prints_is_kept():
    assert cost_of([sys.executable, "-c", "print('all of it')"]).output == "all of it\n"


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
