"""Lines as a report quotes them: verbatim but for what must not be shown."""

from collections.abc import Collection

from services.logs.display import cut, strip_unseen
from services.logs.limits import ReadLimits
from services.logs.reading import read_lines
from services.logs.redaction import REDACTED_KEY_LINE, redact
from services.logs.scan import FileScan

# Secrets are looked for somewhat beyond what is shown, so that a cut never uncovers half of one.
_REDACTED_CHARS_MORE = 500


def quote_lines(scan: FileScan, lines: Collection[int], *, limits: ReadLimits | None = None) -> dict[int, str]:
    """The lines (from 0) by number: displayable, secrets redacted, cut to `limits.max_displayed_chars`."""
    limits = limits or ReadLimits()
    found = read_lines(scan, lines, limits=limits)
    return {line: _quoted(scan, line, text, limits) for line, text in found.items()}


def displayable(text: str, max_chars: int) -> str:
    """Any text from a log made safe to show."""
    whole = strip_unseen(text)
    shown = redact(whole[: max_chars + _REDACTED_CHARS_MORE])
    return (
        shown
        if len(whole) <= max_chars and len(shown) <= max_chars * 2
        else cut(shown + whole[max_chars + _REDACTED_CHARS_MORE :], max_chars)
    )


def _quoted(scan: FileScan, line: int, text: str, limits: ReadLimits) -> str:
    if any(begin <= line < end for begin, end in scan.key_lines):
        return REDACTED_KEY_LINE
    return displayable(text, limits.max_displayed_chars)
