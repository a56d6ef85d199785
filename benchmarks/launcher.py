"""`python -I -S launcher.py COST_FILE COMMAND ...`: run a command to its end and write what it cost, as JSON.

It stands between because the kernel hands the peak of memory of a process on to those it starts: this one is small.
"""

import json
import os
import sys
import time


def main() -> int:
    cost_file, *command = sys.argv[1:]
    begin = time.perf_counter()
    process = os.posix_spawnp(command[0], command, os.environ)
    _, wait_status, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - begin
    with open(cost_file, "w") as file:  # noqa: PTH123  # pathlib alone would double what this takes
        json.dump([seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss], file)
    return abs(os.waitstatus_to_exitcode(wait_status))


if __name__ == "__main__":
    sys.exit(main())
