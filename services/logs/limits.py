"""How much of an upload is read: every cap, with the reason for its size."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """Caps on one upload. What a cap kept from being read is always said in the report.

    max_decompressed_bytes: all members of one upload together; eight gigabytes hold a busy service's day.
    max_ratio, ratio_floor_bytes: logs repeat themselves and shrink fifty times or so; what unpacks beyond
        250 times its own size, and is large too, was made to hurt.
    max_members: forty pods with ten rotated files each.
    max_depth: a .log.gz in a .zip in a .tar.gz is three layers; more is a riddle, not a log.
    max_nested_bytes: an archive inside an archive has to be held in memory to be opened.
    max_line_bytes: a longer line is counted whole and analysed by its head.
    max_displayed_chars: a quoted line is for reading; Slack allows 3,000 characters a section.
    max_shapes: distinct kinds of line kept apart (about 1 kB and 50 microseconds each) before all others count as
        one; lines that speak of a failure have as many places again. A compiler's tests print 22,000.
    """

    max_decompressed_bytes: int = 8 << 30
    max_ratio: int = 250
    ratio_floor_bytes: int = 256 << 20
    max_members: int = 400
    max_depth: int = 4
    max_nested_bytes: int = 64 << 20
    max_line_bytes: int = 64 << 10
    max_displayed_chars: int = 1_000
    max_shapes: int = 30_000
