"""What the durable engine keeps of a job, as JSON: readable rows, and nothing that runs code when it is read back."""

import json
from typing import Any

from dbos import Serializer
from dbos import error as dbos_errors

from services.errors import PassingFault, TriageError
from services.jobs.jobs import JobFailed, StepFailed


class JsonResults(Serializer):
    """Plain values as they are; a step's error so that a job that is taken up again meets the same one."""

    def serialize(self, data: Any) -> str:
        return json.dumps(data, default=_plain)

    def deserialize(cls, serialized_data: str) -> Any:  # noqa: N805  # the base class names it so
        return json.loads(serialized_data, object_hook=_exception)

    def name(self) -> str:
        return "json"


def reason_of(error: BaseException) -> str:
    """What went wrong the last time, where something was tried several times."""
    if isinstance(error, dbos_errors.DBOSMaxStepRetriesExceeded) and error.errors:
        return reason_of(error.errors[-1])
    return f"{type(error).__name__}: {error}"


def _plain(value: Any) -> Any:
    if isinstance(value, PassingFault):
        return {"__passing__": [value.what, value.reason, value.retry_after_seconds]}
    if isinstance(value, StepFailed | TriageError):
        return {"__failed__": str(value)}
    if isinstance(value, BaseException):
        return {"__error__": reason_of(value)}
    raise TypeError(f"{type(value).__name__} is not JSON: a step returns plain values or keys")


def _exception(value: dict[str, Any]) -> Any:
    if value.keys() == {"__failed__"}:
        return StepFailed(value["__failed__"])
    if value.keys() == {"__passing__"}:
        return PassingFault(*value["__passing__"])
    return JobFailed(value["__error__"]) if value.keys() == {"__error__"} else value
