"""Why an artifact store cannot, told apart: does it pass by itself, or has somebody to change something?"""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from obstore.exceptions import (
    BaseError,
    InvalidPathError,
    NotSupportedError,
    PermissionDeniedError,
    UnauthenticatedError,
)

from services.errors import ArtifactMissing, StoreRefused, StoreUnavailable

_NEEDS_A_HAND = (PermissionDeniedError, UnauthenticatedError, NotSupportedError, InvalidPathError, ValueError)
_DISK_IS_FULL = (errno.ENOSPC, errno.EDQUOT)
_SETUP_ERRNOS = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.EISDIR)
_OS_ERROR = re.compile(r"\(os error (\d+)\)")
# An object store answers in XML, after the request that it answers to.
_CODE = re.compile(r"<Code>(\w+)</Code>(?:.*?<Message>([^<]*)</Message>)?", re.DOTALL)
_NO_BUCKET = ("NoSuchBucket", "The specified bucket does not exist", "ContainerNotFound")
_CREDENTIALS_OF_THE_MACHINE = ("169.254.169.254", "metadata.google.internal")  # asked where none are in the environment


@contextmanager
def naming_the_fault(key: str | None = None) -> Iterator[None]:
    """Raise what obstore or the disk raises as an error of ours; `key` is what is looked for."""
    try:
        yield
    except FileNotFoundError as error:
        if key is None or _says(error, _NO_BUCKET):
            raise error_for(error) from None
        raise ArtifactMissing(key) from None
    except (OSError, BaseError) as error:
        raise error_for(error) from None


def error_for(error: Exception) -> StoreRefused | StoreUnavailable:
    """The error of ours for a failed call that did not look for anything."""
    number = _errno_of(error)
    if number in _DISK_IS_FULL:
        return StoreUnavailable("its disk is full", errno=number)
    if isinstance(error, FileNotFoundError) and number is None:
        return StoreRefused("there is no such bucket")
    if _says(error, _CREDENTIALS_OF_THE_MACHINE):
        return StoreRefused("no credentials for it are in the environment")
    if isinstance(error, _NEEDS_A_HAND) or number in _SETUP_ERRNOS:
        return StoreRefused(_reason(error, number))
    return StoreUnavailable(_reason(error, number), errno=number)


def _says(error: Exception, words: tuple[str, ...]) -> bool:
    return any(word in str(error) for word in words)


def _errno_of(error: Exception) -> int | None:
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    named = _OS_ERROR.search(str(error))
    return int(named[1]) if named else None


def _reason(error: Exception, number: int | None) -> str:
    """One line without the request's address, and without obstore's picture of its own insides."""
    code = _CODE.search(str(error))
    if code:
        return ": ".join(part.strip() for part in code.groups() if part)
    if number is not None:
        return os.strerror(number)
    first = str(error).partition("\n")[0]
    return first.rpartition(" - ")[2].strip() or type(error).__name__
