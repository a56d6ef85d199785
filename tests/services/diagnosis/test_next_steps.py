import pytest

from services.diagnosis.next_steps import kind_and_steps


@pytest.mark.parametrize(
    ("text", "classes", "kind"),
    [
        ("connect: Connection refused", {"environment"}, "dependency"),
        ("process <*> still waiting for ShareLock", {"environment"}, "lock"),
        ("x509: certificate has expired", {"environment"}, "certificate"),
        ("java.lang.OutOfMemoryError: heap", {"exception", "crash"}, "memory"),
        ("write: no space left on device", {"environment"}, "disk"),
        ("Duplicate entry for key", {"inability"}, "database"),
        ("429 Too Many Requests", {"environment"}, "rate-limit"),
        ("KeyError: user", {"exception"}, "exception"),
        ("a.c: error: x", {"compile_error"}, "build-error"),
        ("something odd", set(), "error"),
    ],
)
def test_each_kind_has_steps_that_only_look_first(text, classes, kind):
    found, steps = kind_and_steps(text, frozenset(classes))
    assert found == kind
    assert steps
    assert steps[0].split()[0] in {"Check", "Read", "Resolve", "Look", "Compare", "Find", "Open", "Run", "Follow"}
