"""The loops of `kernel_loops`, `table_loops` and `stamp_loops`, compiled to machine code by numba and free of the GIL.

Importing this module compiles them, which takes some ten seconds, or loads what an earlier import compiled, which
takes a third of a second. So only what reads large files imports it, and setting up does it once (services.logs.warm).
"""

from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

import numba

from services.logs import kernel_loops, stamp_loops, table_loops, vectors

_BYTES = "Array(uint8, 1, 'C', True)"
_KEY_LOOPS = {
    "hash_lines": f"void({_BYTES}, int64, int64[::1], int64[::1], Array(uint8, 1, 'C'), int64[::1])",
    "count_feeds": f"int64({_BYTES})",
}
_TABLE_LOOPS = {
    "find": f"UniTuple(int64, 3)({_BYTES}, int64[::1], int64[::1], int64, int64, int64, int64[::1], int64[::1], "
    "int64[::1], int64[::1])",
    "settle": "void(int64[::1], int64, int64, int64[::1], int64[::1], int64[::1], int64[::1])",
}
_STAMP_LOOPS = {"hash_stamps": f"void({_BYTES}, int64[::1], int64[::1], int64[:, ::1], int64[::1], int64[::1])"}
# Called for every word: a call would cost more than what they do.
_INLINED = {"is_among", "may_tell", "mix", "head_of", "mix_run"}
_NATIVE = {
    name: getattr(vectors, name)
    for name in ("word_masks", "text_masks", "trouble_mask", "load_word", "trailing_zeros", "leading_zeros")
}


def _compiled(module: ModuleType, loops: dict[str, str]) -> dict[str, Callable[..., Any]]:
    """The loops of a module, by their names and signatures; what they call is compiled only where they have to be."""
    scope = {**vars(module), **_NATIVE}
    rules = {name: _bound(rule, scope) for name, rule in vars(module).items() if isinstance(rule, FunctionType)}
    for name, rule in rules.items():
        if name not in loops:
            scope[name] = numba.njit(nogil=True, forceinline=name in _INLINED)(rule)
    return {name: _kept(rules[name], signature) for name, signature in loops.items()}


def _bound(function: FunctionType, scope: dict[str, Any]) -> FunctionType:
    return FunctionType(function.__code__, scope, function.__name__)


def _kept(loop: FunctionType, signature: str) -> Callable[..., Any]:
    """The compiled loop, kept on disk where a folder can be written."""
    try:
        return numba.njit(signature, nogil=True, cache=True)(loop)
    except (RuntimeError, OSError):  # no such folder: this process compiles for itself
        return numba.njit(signature, nogil=True)(loop)


_keys = _compiled(kernel_loops, _KEY_LOOPS)
_tables = _compiled(table_loops, _TABLE_LOOPS)
_stamps = _compiled(stamp_loops, _STAMP_LOOPS)

hash_lines = _keys["hash_lines"]
count_feeds = _keys["count_feeds"]
find = _tables["find"]
settle = _tables["settle"]
hash_stamps = _stamps["hash_stamps"]
