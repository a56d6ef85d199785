"""What every table shares: the declarative base, sortable ids, aware UTC times."""

import secrets
import threading
import time
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DateTime, Enum, MetaData, TypeDecorator
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class _Ulids:
    """Within a process each is larger than the one before, also in the same millisecond: ids are an order of events."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def next(self) -> int:
        now = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
        with self._lock:
            self._last = max(now, self._last + 1)
            return self._last


_ulids = _Ulids()


def new_id() -> str:
    """A ULID: 26 characters that sort by the time they were made (48 bits of milliseconds, 80 of chance)."""
    number = _ulids.next()
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def utc_now() -> datetime:
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in the code and in both databases: SQLite hands naive times back, this hands aware ones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # SQLAlchemy's signature
        if value is not None and value.tzinfo is None:
            msg = f"naive time {value!r}: times are aware UTC"
            raise ValueError(msg)
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # SQLAlchemy's signature
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Base(DeclarativeBase):
    """Constraints are named by rule, so a migration can name them on both databases. Enums are stored as words."""

    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy reads this mapping once
        StrEnum: Enum(StrEnum, native_enum=False, length=24, values_callable=lambda words: [w.value for w in words])
    }

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
