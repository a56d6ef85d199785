"""`python -m sandbox.samples DIR`: write the sample logs and their answer sheet into a folder."""

import argparse
import re
from pathlib import Path

from sandbox.samples.story import BYTES_AT_SCALE_1, write_samples

UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9}


def size(text: str) -> int:
    """Bytes, from "500M" or "2000000". Raises ArgumentTypeError for anything else."""
    match = re.fullmatch(r"(\d+)([kMG]?)B?", text)
    if match is None or int(match[1]) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size: write 20M or 500000")
    return int(match[1]) * UNITS[match[2]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox.samples", description="Write three logs of one outage.")
    parser.add_argument("directory", type=Path, metavar="DIR")
    parser.add_argument("--seed", type=int, default=7, help="another seed, another day of the same story")
    parser.add_argument(
        "--size", type=size, default=BYTES_AT_SCALE_1, help="bytes of the three logs together, about; 20M, 500M"
    )
    arguments = parser.parse_args()
    write_samples(arguments.directory, seed=arguments.seed, total_bytes=arguments.size)


if __name__ == "__main__":
    main()
