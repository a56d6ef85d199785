"""Lines that differ only in their variable parts, brought to one text: the skeleton.

Two steps. `fold_block` makes, over a whole block at once, a key per line that is cheap and at least as fine
as the skeleton; only a key not met before is worth computing a skeleton for. What a diagnosis needs is never
folded away: HTTP error statuses, error codes (ORA-00942, E0308), signals, exit codes' zero or not.
"""

import re

VARIABLE = "<*>"

# A number and what is glued to it; the letters before it only where they may be hexadecimal digits.
_NUMBERS = re.compile(rb"[1-9][0-9A-Za-z]*|0[0-9A-Za-z]+")
_HEX_HEADS = re.compile(rb"(?<![a-f])[a-f]{1,64}9")
_STATUS_BYTES = re.compile(
    rb'(?:" |status\w{0,12}"?[=: ]{1,3}"?|HTTP/[0-9.]{1,3}"? |code"?[=: ]{1,3}|exited with )[1-5][0-9][0-9]\b'
)
_DIGITS_KEPT = bytes.maketrans(b"0123456789", bytes(range(0xF5, 0xFF)))
_RED_BYTES = re.compile(rb"\x1b\[(?:[0-9]+;)*(?:31|91|41|101)(?:;[0-9]+)*m")
_CODE_BYTES = re.compile(rb"\b(?:ORA|SQLSTATE|TS|CS|MSB|LNK|SC|[CDEFIVW]|HTTP)-?[0-9]{3,6}\b")

_UUID = re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b")
_KEPT = (
    r'(?P<kept>(?:(?<=" )|(?<=status )|(?<=status=)|(?<=status: )|(?<="status":)|(?<=code )|(?<=code=)|(?<=code: )'
    r"|(?<=exited with )|(?<=HTTP/1\.[01] )|(?<=HTTP/[23] ))[1-5]\d\d\b"
    r"|\b(?:ORA|SQLSTATE|TS|CS|MSB|LNK|SC|E|F|W|C|HTTP)-?\d{3,6}\b(?![-.\w]|:\d))"
)
_TOKEN = re.compile(_KEPT + r"|(?P<zero>(?<![\w.:/-])0(?![\w:/-]|\.\w))|\b[A-Za-z_]*\d\w*(?:[.:,/@+-]{1,2}\w*\d\w*)*")
_SKELETON_CHARS = 1_500


def fold_block(block: bytes) -> bytes:
    """The block with every number made a 9 (a lone 0 stays), but statuses, codes and red kept apart."""
    if b"\x1b[" in block:
        block = _RED_BYTES.sub(b"\x01", block)
    block = _STATUS_BYTES.sub(_keep_digits, block)
    return _HEX_HEADS.sub(b"9", _NUMBERS.sub(b"9", _CODE_BYTES.sub(_keep_digits, block)))


def _keep_digits(found: re.Match[bytes]) -> bytes:
    return found[0].translate(_DIGITS_KEPT)


def skeleton(message: str) -> str:
    """The message with every token that holds a digit made `<*>`, exception classes and codes untouched."""
    text = message[:_SKELETON_CHARS]
    if text.count("-") >= 4:
        text = _UUID.sub(VARIABLE, text)
    return _TOKEN.sub(_variable, text)


def _variable(found: re.Match[str]) -> str:
    return found[0] if found["kept"] or found["zero"] else VARIABLE
