"""The loops of `kernel_loops`, compiled to machine code by numba and free of the GIL.

Importing this module compiles them, which takes some seconds, or loads what an earlier import compiled, which
takes half a second. So only what reads large files imports it, and setting up does it once (services.logs.warm).
"""

from collections.abc import Callable
from types import FunctionType
from typing import Any

import numba

from services.logs import kernel_loops

_BYTES = "Array(uint8, 1, 'C', True)"
_RULES = {
    "is_code": f"boolean({_BYTES}, int64, int64)",
    "is_after_http": f"boolean({_BYTES}, int64)",
    "is_telling_number": f"boolean({_BYTES}, int64, int64)",
    "is_kept": f"boolean({_BYTES}, int64, int64)",
    "may_be_kept": f"boolean({_BYTES}, int64, int64, int64)",
    "escape_bytes": f"int64({_BYTES}, int64, int64)",
    "find_clock": f"int64({_BYTES}, int64, int64)",
    "clock_seconds": f"int64({_BYTES}, int64)",
    "skip_fraction": f"int64({_BYTES}, int64, int64)",
    "find_epoch": f"int64({_BYTES}, int64, int64)",
    "is_suspicious": f"boolean({_BYTES}, int64, int64)",
    "hash_bytes": f"int64({_BYTES}, int64, int64, int64)",
}
_LOOPS = {
    "hash_lines": f"void({_BYTES}, {_BYTES}, int64[::1], int64[::1])",
    "find": f"UniTuple(int64, 3)({_BYTES}, int64[::1], int64[::1], int64, int64, int64, int64[::1], int64[::1], "
    "int64[::1], int64[::1])",
    "settle": "void(int64[::1], int64, int64, int64[::1], int64[::1], int64[::1], int64[::1])",
    "hash_stamps": f"void({_BYTES}, int64[::1], int64[::1], int64[:, ::1], int64[::1], int64[::1])",
}


def _compile(name: str, signature: str, callees: dict[str, Any]) -> Callable[..., Any]:
    """One function, calling the compiled forms of those it calls; kept on disk where a folder can be written."""
    loop = getattr(kernel_loops, name)
    bound: Callable[..., Any] = FunctionType(loop.__code__, {**vars(kernel_loops), **callees}, name)
    try:
        return numba.njit(signature, nogil=True, cache=True)(bound)
    except (RuntimeError, OSError):  # no such folder: this process compiles for itself
        return numba.njit(signature, nogil=True)(bound)


_compiled: dict[str, Any] = {}
for _name, _signature in (_RULES | _LOOPS).items():
    _compiled[_name] = _compile(_name, _signature, dict(_compiled))

hash_lines = _compiled["hash_lines"]
find = _compiled["find"]
settle = _compiled["settle"]
hash_stamps = _compiled["hash_stamps"]
