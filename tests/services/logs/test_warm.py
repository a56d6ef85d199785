import subprocess
import sys


def test_warming_loads_the_compiled_loops_and_reading_a_small_log_does_not(tmp_path):
    log = tmp_path / "small.log"
    log.write_bytes(b"2026-11-22 07:00:00 INFO hello\n" * 1000)
    script = (
        "import sys; from pathlib import Path; from services.logs.reading import scan_upload; "
        "scan_upload(Path(sys.argv[1]), 'small.log'); print('numba' in sys.modules); "
        "from services.logs.warm import warm; warm(); print('numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script, log], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_a_cache_that_cannot_be_written_breaks_nothing():
    """Numba falls back on a folder of the user's; here there is none either."""
    script = (
        "import sys, numba.core.caching as caching; caching.CacheImpl._locator_classes = []; "
        "caching.CompileResultCacheImpl._locator_classes = []; "
        "from services.logs.warm import warm; warm()"
    )
    subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
