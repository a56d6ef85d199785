"""Lines that differ only in their variable parts, brought to one text: the skeleton.

What a diagnosis needs is never folded away: HTTP error statuses, error codes (ORA-00942, E0308, errno 111), states of
SQL, signals, exit codes' zero or not. The keys of lines (kernel_loops.word_class) have to stay at least as fine.
"""

import re

VARIABLE = "<*>"

_UUID = re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b")
_KEPT = (
    r'(?P<kept>(?:(?<=" )|(?<=status )|(?<=status=)|(?<=status: )|(?<="status":)|(?<=code )|(?<=code=)|(?<=code: )'
    r"|(?<=exited with )|(?<=HTTP/1\.[01] )|(?<=HTTP/[23] )|(?<=HTTP )|(?<=http ))[1-5]\d\d\b"
    r"|(?:(?<=errno )|(?<=errno=)|(?<=errno: )|(?<=Errno ))\d{1,3}\b"
    r"|(?:(?<=SQLSTATE\[)|(?<=SQLSTATE )|(?<=SQLSTATE=)|(?<=SQLSTATE: ))[0-9A-Z]{5}\b"
    r"|\b(?:ORA|SQLSTATE|TS|CS|MSB|LNK|SC|E|F|W|C|HTTP)-?\d{3,6}\b(?![-\w]|[.:]\d|\.\w))"
)
_ZERO = r"(?P<zero>(?<![\w.:/-])0(?![\w:/-]|\.\w))"
# The look ahead is what all of them need, and most words have not.
_TOKEN = re.compile(rf"\b(?=[^\W\d]*+-?\d)(?:{_KEPT}|{_ZERO}|[^\W\d]*\d\w*(?:[.:,/@+-]{{1,2}}\w*\d\w*)*)")
_SKELETON_CHARS = 1_500


def skeleton(message: str) -> str:
    """The message with every token that holds a digit made `<*>`, exception classes and codes untouched."""
    text = message[:_SKELETON_CHARS]
    if text.count("-") >= 4:
        text = _UUID.sub(VARIABLE, text)
    return _TOKEN.sub(_variable, text)


def _variable(found: re.Match[str]) -> str:
    return found[0] if found["kept"] or found["zero"] else VARIABLE
