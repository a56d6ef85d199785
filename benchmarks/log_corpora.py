"""Logs to measure the engine with: of many kinds of line, in several forms, the same bytes every time.

A piece of some megabytes is drawn by a seeded generator and repeated under other days, so that a gigabyte is
written in seconds and its times go on.
"""

import base64
import json
import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

_PIECE_BYTES = 20_000_000
_FIRST_DAY = date(2026, 3, 1)
_DAY_MARK = b"2026-03-01"
_KINDS = 600
_VERBS = [
    "accepted",
    "rejected",
    "opened",
    "closed",
    "queued",
    "flushed",
    "retried",
    "loaded",
    "evicted",
    "renewed",
    "scheduled",
    "skipped",
]
_THINGS = [
    "request",
    "connection",
    "order",
    "payment",
    "session",
    "cache",
    "partition",
    "segment",
    "lease",
    "snapshot",
    "worker",
    "bucket",
    "token",
    "index",
    "shard",
    "replica",
    "batch",
    "message",
    "topic",
    "cursor",
]
_PLACES = ["upstream", "primary", "gateway", "scheduler", "registry", "broker", "ledger", "catalog", "store", "router"]
_TROUBLES = ("timed out after {n} ms", "failed: connection refused by {ip}", "error code={s}", "exceeded {n} of {n}")
_FACTS = (
    "in {n} ms",
    "id={hex}",
    "from {ip}:{n}",
    "size={n}",
    "attempt {s}",
    "user {hex}",
    "at /var/lib/{n}/{hex}",
    "",
)


def _kinds(draw: random.Random) -> list[tuple[str, str]]:
    """(level, message with places for values) of each kind of line."""
    kinds = []
    for _ in range(_KINDS):
        is_trouble = draw.random() < 0.06
        words = f"{draw.choice(_THINGS)} {draw.choice(_VERBS)} by {draw.choice(_PLACES)} {draw.choice(_THINGS)}"
        facts = " ".join(draw.sample(_FACTS, draw.randrange(1, 4)))
        kinds.append(("ERROR" if is_trouble else "INFO", f"{words} {draw.choice(_TROUBLES) if is_trouble else facts}"))
    return kinds


def _filled(draw: random.Random, message: str) -> str:
    n, s = draw.randrange(1, 100_000), draw.randrange(1, 9)
    ip = f"10.{n % 256}.{s}.{n % 250}"
    return message.format(n=n, s=s, ip=ip, hex=f"{draw.getrandbits(48):012x}")


def _clock(draw: random.Random, part: float) -> str:
    second = int(part * 86_399)
    return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}.{draw.randrange(1000):03d}"


def _plain(draw: random.Random, part: float, level: str, message: str) -> str:
    clock, form = f"2026-03-01 {_clock(draw, part)}", draw.randrange(4)
    if form == 0:
        return f"{clock} {level} [worker-{draw.randrange(16)}] com.example.{draw.choice(_PLACES)}.Main - {message}"
    if form == 1:
        return f"{clock} [{level.lower()}] {draw.randrange(1, 99999)}#0: *{draw.randrange(1, 99999)} {message}"
    if form == 2:
        return f"2026-03-01T{_clock(draw, part)}Z node-{draw.randrange(9)} app[{draw.randrange(9999)}]: {message}"
    status = draw.choice((200, 200, 200, 200, 204, 404, 502))
    path = f"/api/v1/{draw.choice(_THINGS)}/{draw.randrange(10**6)}"
    client = f"10.0.{draw.randrange(256)}.{draw.randrange(256)}"
    return f'{clock} {client} "GET {path} HTTP/1.1" {status} {draw.randrange(9999)}'


def _json(draw: random.Random, part: float, level: str, message: str) -> str:
    fields = {
        "ts": f"2026-03-01T{_clock(draw, part)}Z",
        "level": level.lower(),
        "service": draw.choice(_PLACES),
        "pod": f"{draw.choice(_PLACES)}-{draw.getrandbits(36):09x}",
        "trace_id": f"{draw.getrandbits(128):032x}",
        "msg": message,
        "duration_ms": round(draw.expovariate(1 / 80), 3),
    }
    return json.dumps(fields)


def _words(draw: random.Random, part: float, level: str, message: str) -> str:
    """A name that never comes again in every second line: a kind of its own each."""
    name = "".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=9)) if draw.random() < 0.5 else "nobody"
    return f"2026-03-01 {_clock(draw, part)} {level} user {name} {message}"


def _base64(draw: random.Random, _part: float, _level: str, _message: str) -> str:
    return base64.b64encode(draw.randbytes(57)).decode()


CORPORA: dict[str, Callable[[random.Random, float, str, str], str]] = {
    "plain": _plain,
    "json": _json,
    "words": _words,
    "base64": _base64,
}


def write_corpus(path: Path, name: str, *, total_bytes: int) -> None:
    """Write the corpus `name` of about so many bytes."""
    piece = "".join(_lines(name, min(_PIECE_BYTES, total_bytes))).encode()
    with path.open("wb") as file:
        for day in range(max(1, round(total_bytes / len(piece)))):
            file.write(piece.replace(_DAY_MARK, (_FIRST_DAY + timedelta(days=day)).isoformat().encode()))


def _lines(name: str, total_bytes: int) -> Iterator[str]:
    draw, size = random.Random(7), 0
    kinds = _kinds(draw)
    while size < total_bytes:
        # Some kinds are met a thousand times as often as others.
        level, message = kinds[int(len(kinds) * draw.random() ** 3)]
        line = CORPORA[name](draw, size / total_bytes, level, _filled(draw, message)) + "\n"
        size += len(line)
        yield line
