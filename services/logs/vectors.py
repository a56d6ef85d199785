"""What the compiled loops ask of the processor directly: sixty-four bytes compared at once, eight loaded as a number.

Written in LLVM's own language, by way of numba, which makes of it what the processor at hand has.
"""

from functools import reduce
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]  # ships no types
from numba.core import types
from numba.extending import intrinsic

from services.logs.kernel_loops import CHUNK_BYTES
from services.logs.table_loops import SUSPICIOUS_HEADS

_CHUNK = ir.VectorType(ir.IntType(8), CHUNK_BYTES)
_LONG = ir.IntType(64)


def _load(context: Any, builder: Any, signature: Any, arguments: Any, *, shape: Any) -> Any:
    """What stands at the place in the text that are the two arguments, as a value of that shape."""
    text, at = arguments
    start = builder.gep(context.make_array(signature.args[0])(context, builder, text).data, [at])
    return builder.load(builder.bitcast(start, shape.as_pointer()), align=1)


def _all(byte: int) -> Any:
    return ir.Constant(_CHUNK, [byte] * CHUNK_BYTES)


def _within(builder: Any, chunk: Any, first: int, last: int) -> Any:
    return builder.icmp_unsigned("<=", builder.sub(chunk, _all(first)), _all(last - first))


def _is(builder: Any, chunk: Any, byte: int) -> Any:
    return builder.icmp_unsigned("==", chunk, _all(byte))


def _masks(builder: Any, chunk: Any) -> list[Any]:
    """Bits of words, digits, line feeds and odd bytes, as `kernel_loops.is_word` and `bare_line` tell them."""
    digits = _within(builder, chunk, ord("0"), ord("9"))
    letters = _within(builder, builder.or_(chunk, _all(0x20)), ord("a"), ord("z"))
    words = builder.or_(builder.or_(digits, letters), _is(builder, chunk, ord("_")))
    feeds = _is(builder, chunk, ord("\n"))
    blanks = builder.or_(feeds, builder.or_(_is(builder, chunk, ord("\t")), _is(builder, chunk, ord("\r"))))
    unseen = builder.and_(builder.icmp_unsigned("<", chunk, _all(0x20)), builder.not_(blanks))
    foreign = builder.icmp_unsigned(">=", chunk, _all(0x7F))
    odds = builder.or_(builder.or_(unseen, foreign), _is(builder, chunk, ord("\\")))
    return [builder.bitcast(mask, _LONG) for mask in (words, digits, feeds, odds)]


@intrinsic
def word_masks(_typing: Any, text: Any, at: Any) -> Any:
    """Of the CHUNK_BYTES bytes of a text from `at` on, a bit each.

    Four numbers: of the bytes of words, of digits, of line feeds, and of bytes that need a closer look (escapes,
    control and foreign characters).
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        chunk = _load(context, builder, signature, arguments, shape=_CHUNK)
        return context.make_tuple(builder, signature.return_type, _masks(builder, chunk))

    four_numbers = types.UniTuple(types.int64, 4)  # type: ignore[no-untyped-call]
    return four_numbers(text, at), generate


@intrinsic
def text_masks(_typing: Any, text: Any, at: Any) -> Any:
    """Of the CHUNK_BYTES bytes of a text from `at` on, a bit each.

    Three numbers: of what ends a string of JSON or needs a closer look in it, of digits, and of points and colons.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        chunk = _load(context, builder, signature, arguments, shape=_CHUNK)
        quotes = builder.or_(_is(builder, chunk, ord('"')), _is(builder, chunk, ord("\\")))
        stops = builder.or_(quotes, builder.icmp_unsigned("<", chunk, _all(0x20)))
        points = builder.or_(_is(builder, chunk, ord(".")), _is(builder, chunk, ord(":")))
        masks = [builder.bitcast(mask, _LONG) for mask in (stops, _within(builder, chunk, ord("0"), ord("9")), points)]
        return context.make_tuple(builder, signature.return_type, masks)

    three_numbers = types.UniTuple(types.int64, 3)  # type: ignore[no-untyped-call]
    return three_numbers(text, at), generate


@intrinsic
def trouble_mask(_typing: Any, text: Any, at: Any) -> Any:
    """A bit each for the CHUNK_BYTES bytes of a text from `at` on: whether a head of SUSPICIOUS_HEADS begins there."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        start, at = arguments
        chunks = []
        for offset in range(len(SUSPICIOUS_HEADS[0])):
            place = builder.add(at, ir.Constant(_LONG, offset))
            chunks.append(_load(context, builder, signature, (start, place), shape=_CHUNK))
        found = [_begins(builder, chunks, head) for head in SUSPICIOUS_HEADS]
        return builder.bitcast(reduce(builder.or_, found), _LONG)

    return types.int64(text, at), generate


def _begins(builder: Any, chunks: list[Any], head: bytes) -> Any:
    """Where a head in small letters begins, in any letters; chunks: the bytes from each of its places on."""
    same = [
        _is(builder, builder.or_(chunk, _all(0x20)) if chr(byte).isalpha() else chunk, byte)
        for chunk, byte in zip(chunks, head, strict=True)
    ]
    return reduce(builder.and_, same)


@intrinsic
def load_word(_typing: Any, text: Any, at: Any) -> Any:
    """The eight bytes of a text from `at` on as one number, the first one lowest."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _load(context, builder, signature, arguments, shape=_LONG)

    return types.int64(text, at), generate


@intrinsic
def trailing_zeros(_typing: Any, word: Any) -> Any:  # noqa: ARG001 - its name is how it is called
    """How many zero bits of a number follow the last one; 64 of 0."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.int64), generate


@intrinsic
def leading_zeros(_typing: Any, word: Any) -> Any:  # noqa: ARG001 - its name is how it is called
    """How many zero bits of a number stand before the first one; 64 of 0."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctlz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.int64), generate
