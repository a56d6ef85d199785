"""The stack trace within a record: where it opens, the exception it all came from, and the first frame of one's own.

Knows Java and its kin, Python, Go, Node, .NET, Ruby, PHP and Rust. Whose code a frame is shows in its path or
package: what lies in a package manager's folder or begins with a well-known library's name is not one's own.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_PACKAGE = r"(?:[A-Za-z_][\w$]*(?:\.|::|\\|/))*"
_EXCEPTION = re.compile(
    rf"""(?:^|[\s:(\[])(?:
      {_PACKAGE}(?:[A-Z][\w$]*)?(?:Error|Exception|Failure|Fault|Throwable|Interrupt|Timeout)\b(?=:|\ |\)|$|\s*\{{)
    | panic:\ | panicked\ at\ | Uncaught\ {_PACKAGE}[A-Z]
    )""",
    re.VERBOSE,
)
_CAUSE = re.compile(r"^\s*(?:Caused by:|--->|\[cause\]:)|\s--->\s")
_RUBY_HEAD = re.compile(r"in [`'][^']*': .*\([A-Z][\w:]*\)$")
_NOT_THE_CAUSE = re.compile(r"^\s*Suppressed:")
_PYTHON_HEAD = "Traceback (most recent call last)"
_FRAME = re.compile(
    r"""^\s*(?:
      at\ (?P<at>\S.*)                                  # Java, Node, .NET, Rust's place
    | File\ "(?P<python>[^"]+)",\ line\ \d+
    | (?P<go>\S+\.go:\d+)(?:\ \+0x[0-9a-f]+)?$
    | (?:from\ )?(?P<ruby>\S+\.(?:rb|erb|rake):\d+):in\ .*
    | \#\d+\ (?P<php>\S+\.php)\(\d+\):
    | \d+:\s+(?P<rust>[\w<>:$\ ]+::\S+)
    )""",
    re.VERBOSE,
)
_LIBRARY = re.compile(
    r"""^(?:async\ |new\ )?(?:java|javax|jakarta|jdk|sun|com\.sun|kotlinx?|scala|akka|groovy|clojure|androidx?)\.
    | ^(?:org\.(?:springframework|apache|hibernate|junit|eclipse|jboss|gradle|mockito|postgresql|slf4j)
        |io\.(?:netty|undertow|micrometer|grpc)|com\.(?:zaxxer|mysql|google\.common|fasterxml)|reactor|feign|okhttp3)\.
    | ^(?:System|Microsoft|MS|Npgsql)\. | ^(?:std|core|alloc|tokio|rust_begin_unwind)(?:::|$) | ^<
    | /site-packages/ | /dist-packages/ | /lib/python\d | <frozen\  | <string>
    | node_modules/ | \(?node: | \(?internal/ | \(<anonymous>\)$ | native\)?$
    | /usr/local/go/ | /go/pkg/mod/ | /libexec/src/ | /gems/ | /lib/ruby/ | /vendor/ | /rustc/ | \.cargo/registry
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Trace:
    """Indexes into the record's lines. own_frame: None where every frame is a library's."""

    head: int
    root: int
    own_frame: int | None


def find_trace(lines: Sequence[str]) -> Trace | None:
    """The trace in the lines of one record, or None where there is no frame or no exception."""
    frames = [index for index, line in enumerate(lines) if _FRAME.match(line)]
    exceptions = [index for index, line in enumerate(lines) if _is_exception(line)]
    if not frames or not exceptions:
        return None
    python = [index for index, line in enumerate(lines) if _PYTHON_HEAD in line]
    root = _python_root(exceptions, frames) if python else _root(lines, exceptions)
    nearest = (
        [frame for frame in frames if frame < root][::-1] if python else [frame for frame in frames if frame >= root]
    )
    own = next((frame for frame in (*nearest, *frames) if not _is_library(lines[frame])), None)
    return Trace(min(python[0] if python else exceptions[0], exceptions[0]), root, own)


def _is_exception(line: str) -> bool:
    if _RUBY_HEAD.search(line):
        return True
    return not _FRAME.match(line) and not _NOT_THE_CAUSE.match(line) and _EXCEPTION.search(line) is not None


def _root(lines: Sequence[str], exceptions: Sequence[int]) -> int:
    """The last cause named; each is the cause of the one above it."""
    causes = [index for index in exceptions if _CAUSE.search(lines[index])]
    return causes[-1] if causes else exceptions[0]


def _python_root(exceptions: Sequence[int], frames: Sequence[int]) -> int:
    """Python prints the first cause first; its exception stands behind the frames."""
    return next((index for index in exceptions if index > frames[0]), exceptions[0])


def _is_library(line: str) -> bool:
    found = _FRAME.match(line)
    place = next((part for part in found.groups() if part), "") if found else ""
    return _LIBRARY.search(place) is not None
