"""Log text made safe to show: what a terminal or a chat would obey instead of printing is taken out."""

import re

_ANSI = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]{0,2000}(?:\x07|\x1b\\)|[PX^_][^\x1b]{0,2000}\x1b\\|[ -/]*[0-~])|"
    r"\x9b[0-?]*[ -/]*[@-~]"
)
# C0 and C1 controls but for the tab, DEL, soft hyphen, zero-width, bidirectional and invisible operators, BOM, tags.
_UNSEEN = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_RED = re.compile(r"\x1b\[(?:\d+;)*(?:31|91|41|101)(?:;\d+)*m")


def strip_unseen(text: str) -> str:
    """The text without colours, control, bidirectional and zero-width characters; of overwritten lines the last.

    A progress bar overwrites its line with lone CRs: what a terminal shows in the end is the part after the last.
    """
    if text.isascii() and text.isprintable():
        return text
    if "\r" in text:
        text = next((part for part in reversed(text.split("\r")) if part.strip()), "")
    if "\x1b" in text or "\x9b" in text:
        text = _ANSI.sub("", text)
    return _UNSEEN.sub("", text)


def cut(text: str, max_chars: int) -> str:
    """At most `max_chars` of the text; a cut one ends in "…" and says how long the whole is."""
    if len(text) <= max_chars:
        return text
    return f"{text[:max_chars]}… [cut: {max_chars:,} of {len(text):,} characters shown]"


def is_red(text: str) -> bool:
    """Whether a part of it is printed in red: build tools mark failures so."""
    return "\x1b[" in text and _RED.search(text) is not None
