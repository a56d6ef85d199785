"""`python -m sandbox.samples DIR`: write the sample logs into a folder."""

import argparse
import json
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
    parser.add_argument(
        "--story", type=Path, metavar="FILE", help="write there, as JSON, what happened and which lines show it"
    )
    arguments = parser.parse_args()
    story = write_samples(arguments.directory, seed=arguments.seed, total_bytes=arguments.size)
    if arguments.story:
        arguments.story.write_text(json.dumps(story, indent=2) + "\n")


if __name__ == "__main__":
    main()
