"""The loops of `kernel_loops` and `stamp_loops`, compiled to machine code by numba and free of the GIL.

Importing this module compiles them, which takes some seconds, or loads what an earlier import compiled, which
takes half a second. So only what reads large files imports it, and setting up does it once (services.logs.warm).
"""

from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

import numba

from services.logs import kernel_loops, stamp_loops, vectors

_BYTES = "Array(uint8, 1, 'C', True)"
_BUFFER = "Array(uint8, 1, 'C')"
_KEY_LOOPS = {
    "is_word": "boolean(int64)",
    "is_capital": "boolean(int64)",
    "is_code": f"boolean({_BYTES}, int64, int64)",
    "is_after_http": f"boolean({_BYTES}, int64, int64)",
    "is_among": "boolean(int64, int64, int64)",
    "is_separator": "boolean(int64)",
    "word_before": f"int64({_BYTES}, int64, int64)",
    "is_number": f"boolean({_BYTES}, int64, int64)",
    "state_class": f"int64({_BYTES}, int64, int64, int64)",
    "code_class": f"int64({_BYTES}, int64, int64, int64)",
    "dashed_class": f"int64({_BYTES}, int64, int64, int64)",
    "is_priority": f"boolean({_BYTES}, int64, int64, int64)",
    "number_class": f"int64({_BYTES}, int64, int64, int64)",
    "may_tell": f"boolean({_BYTES}, int64, int64, int64)",
    "word_class": f"int64({_BYTES}, int64, int64, int64)",
    "escape_bytes": f"int64({_BYTES}, int64, int64)",
    "mix": "int64(int64, int64)",
    "head_of": "int64(int64, int64)",
    "mix_run": f"int64({_BYTES}, int64, int64, int64, int64)",
    "mix_words": f"int64({_BYTES}, int64, int64)",
    "is_red_number": "boolean(int64, int64)",
    "color_bytes": f"Tuple((int64, boolean))({_BYTES}, int64, int64)",
    "bare_line": f"Tuple((int64, boolean))({_BYTES}, int64, int64, {_BUFFER})",
    "hash_odd_line": f"int64({_BYTES}, int64, int64, {_BUFFER})",
    "finish": "int64(int64)",
    "long_word": f"Tuple((int64, boolean))({_BYTES}, int64)",
    "hash_lines": f"void({_BYTES}, int64, int64[::1], int64[::1], {_BUFFER})",
    "count_feeds": f"int64({_BYTES})",
    "is_suspicious": f"boolean({_BYTES}, int64, int64)",
    "find": f"UniTuple(int64, 3)({_BYTES}, int64[::1], int64[::1], int64, int64, int64, int64[::1], int64[::1], "
    "int64[::1], int64[::1])",
    "settle": "void(int64[::1], int64, int64, int64[::1], int64[::1], int64[::1], int64[::1])",
}
_STAMP_LOOPS = {
    "find_clock": f"int64({_BYTES}, int64, int64)",
    "clock_seconds": f"int64({_BYTES}, int64)",
    "skip_fraction": f"int64({_BYTES}, int64, int64)",
    "find_epoch": f"int64({_BYTES}, int64, int64)",
    "hash_bytes": f"int64({_BYTES}, int64, int64, int64)",
    "hash_stamps": f"void({_BYTES}, int64[::1], int64[::1], int64[:, ::1], int64[::1], int64[::1])",
}
# Called for every word: a call would cost more than what they do.
_INLINED = {"is_among", "may_tell", "mix", "head_of", "mix_run"}
_NATIVE = {name: getattr(vectors, name) for name in ("word_masks", "load_word", "trailing_zeros", "leading_zeros")}


def _compile(module: ModuleType, name: str, signature: str, callees: dict[str, Any]) -> Callable[..., Any]:
    """One function, calling the compiled forms of those it calls; kept on disk where a folder can be written."""
    loop = getattr(module, name)
    bound: Callable[..., Any] = FunctionType(loop.__code__, {**vars(module), **callees}, name)
    is_inlined = name in _INLINED
    try:
        return numba.njit(signature, nogil=True, forceinline=is_inlined, cache=True)(bound)
    except (RuntimeError, OSError):  # no such folder: this process compiles for itself
        return numba.njit(signature, nogil=True, forceinline=is_inlined)(bound)


def _compiled(module: ModuleType, signatures: dict[str, str]) -> dict[str, Any]:
    """All loops of a module, in an order in which each calls only those before it."""
    compiled = dict(_NATIVE)
    for name, signature in signatures.items():
        compiled[name] = _compile(module, name, signature, dict(compiled))
    return compiled


_keys = _compiled(kernel_loops, _KEY_LOOPS)
_stamps = _compiled(stamp_loops, _STAMP_LOOPS)

hash_lines = _keys["hash_lines"]
count_feeds = _keys["count_feeds"]
find = _keys["find"]
settle = _keys["settle"]
hash_stamps = _stamps["hash_stamps"]
