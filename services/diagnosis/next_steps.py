"""What to do next, by the kind of a finding: read-only checks first."""

import re

_STEPS: tuple[tuple[str, re.Pattern[str], tuple[str, ...]], ...] = (
    (
        "lock",
        re.compile(r"(?i)still waiting for|lock wait|waiting for \S*lock|blocked by|deadlock"),
        (
            (
                "Find who holds the lock and since when (in Postgres: `pg_blocking_pids` and `pg_stat_activity`), "
                "and what that session runs."
            ),
            "Only then decide whether the holder may be ended, or the one that waits at the head of the queue.",
        ),
    ),
    (
        "dependency",
        re.compile(
            r"(?i)connection (?:refused|reset|closed|lost|to \S+ timed)|ECONN|ETIMEDOUT|unreachable|timed? ?out|"
            r"timeout|"
            r"(?:cannot|can't|unable to|failed to) (?:connect|reach)|connect(?:ion)? fail|no route to host|peer "
            r"down|deadline exceeded"
        ),
        (
            (
                "Check that the other side of the connection is up and answers from this host (its own log and "
                "health check, for the same minute)."
            ),
            (
                "Compare its address and port with this service's configuration, and look for a deploy or network "
                "change just before the onset."
            ),
        ),
    ),
    (
        "certificate",
        re.compile(r"(?i)certificate|x509|\bTLS\b|\bSSL\b"),
        (
            (
                "Read the certificate's dates and chain: `openssl s_client -connect HOST:PORT -servername HOST "
                "</dev/null | openssl x509 -noout -dates`."
            ),
            "Renew the certificate, or correct the clock or the trust store, depending on what the dates show.",
        ),
    ),
    (
        "name-resolution",
        re.compile(r"(?i)ENOTFOUND|name resolution|could not resolve|no such host|NXDOMAIN"),
        ("Resolve the name from the same host or pod (`getent hosts NAME`), and compare with another host.",),
    ),
    (
        "memory",
        re.compile(r"(?i)out of memory|OutOfMemory|oom|Cannot allocate"),
        (
            "Look at the memory use before the onset and at the limit it met (container limit, heap setting).",
            "Find what grew: a heap profile, or the change of load just before.",
        ),
    ),
    (
        "disk",
        re.compile(r"(?i)no space left|disk (?:is )?full|ENOSPC|quota"),
        ("Look at the free space and inodes of the file system it names: `df -h` and `df -i`.",),
    ),
    (
        "permission",
        re.compile(r"(?i)permission denied|EACCES|access denied|forbidden|unauthorized"),
        (
            (
                "Compare the account it ran as with the owner and rights of what it names, and look for a recent "
                "change of credentials."
            ),
        ),
    ),
    (
        "rate-limit",
        re.compile(r"(?i)rate limit|too many requests|throttl|\b429\b"),
        (
            "Find which client or route makes the requests over the limit, and when its rate changed.",
            "Only then raise the limit or slow the caller.",
        ),
    ),
    (
        "database",
        re.compile(
            r"(?i)\bSQL\b|duplicate (?:key|entry)|deadlock|constraint|relation \S+ does not exist|syntax error "
            r"(?:at or )?near"
        ),
        ("Find the statement in the code and the change that brought it in; compare it with the schema as it is.",),
    ),
)
_BY_CLASS = (
    (
        "crash",
        "crash",
        (
            "Look at the lines just before it, the exit code, and the memory limit; get the core or the stack if "
            "there is one."
        ),
    ),
    ("compile_error", "build-error", "Open the file at the line it names, and look at what the last change did there."),
    (
        "test_failure",
        "test-failure",
        "Run this one test alone on the same commit, and compare with the last run that passed.",
    ),
    ("expectation", "test-failure", "Compare what was expected with what came, and find the change that moved it."),
    (
        "assertion_detail",
        "test-failure",
        "Compare what was expected with what came, and find the change that moved it.",
    ),
    (
        "exception",
        "exception",
        "Follow the stack to the first frame of your own code, and look at what it was called with.",
    ),
    ("exit", "exit", "Read the output of the command that ended so, above this line."),
)


def kind_and_steps(text: str, classes: frozenset[str]) -> tuple[str, tuple[str, ...]]:
    """(kind of the finding, what to do) for a head line and its word classes."""
    for kind, pattern, steps in _STEPS:
        if pattern.search(text):
            return kind, steps
    for name, kind, step in _BY_CLASS:
        if name in classes:
            return kind, (step,)
    return "error", ("Read the lines around it, and look for what changed just before (deploy, configuration, load).",)
