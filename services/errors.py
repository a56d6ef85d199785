"""The error tree. A message is the sentence a person reads; the facts are attributes.

- TriageError: every refusal of ours
  - NotFound: IncidentNotFound, RunNotFound
  - Conflict: InvalidTransition, ConcurrentChange
  - BadInput: InvalidTitle, UnknownSeverity, UnknownStatus, FileTooLarge, NothingToTriage
  - FileUnavailable: cannot be fetched, now or later (a passing fault is any other error, and is retried)
  - DeliveryError: PermanentDeliveryError, TransientDeliveryError
"""


class TriageError(Exception):
    """Every refusal of ours; its text can be shown to the person who asked."""


class NotFound(TriageError):
    pass


class IncidentNotFound(NotFound):
    def __init__(self, name: str) -> None:
        super().__init__(f"There is no incident {name}. `/incident list` shows the open ones.")
        self.name = name


class RunNotFound(NotFound):
    def __init__(self, run_id: str) -> None:
        super().__init__(f"There is no triage run {run_id}.")
        self.run_id = run_id


class Conflict(TriageError):
    pass


class InvalidTransition(Conflict):
    def __init__(self, ref: str, status: str, action: str) -> None:
        super().__init__(f"{ref} is {status}, so it cannot be {action}.")
        self.ref, self.status, self.action = ref, status, action


class ConcurrentChange(Conflict):
    def __init__(self, ref: str) -> None:
        super().__init__(f"{ref} was changed by somebody else at the same moment; look at its card and try again.")
        self.ref = ref


class BadInput(TriageError):
    pass


class InvalidTitle(BadInput):
    def __init__(self, reason: str) -> None:
        super().__init__(f"The title {reason}.")


class UnknownSeverity(BadInput):
    def __init__(self, severity: str) -> None:
        super().__init__(f"“{severity}” is not a severity; use sev1, sev2, sev3, sev4 or unset.")
        self.severity = severity


class UnknownStatus(BadInput):
    def __init__(self, status: str, known: list[str]) -> None:
        super().__init__(f"“{status}” is not a status; use one of {', '.join(known)}.")
        self.status = status


class FileTooLarge(BadInput):
    def __init__(self, name: str, limit_bytes: int) -> None:
        super().__init__(
            f"{name} is larger than the limit of {limit_bytes / 1e6:g} MB (TRIAGE_MAX_UPLOAD_BYTES); "
            "compress it or cut out the window around the failure."
        )
        self.name, self.limit_bytes = name, limit_bytes


class NothingToTriage(BadInput):
    def __init__(self, ref: str) -> None:
        super().__init__(f"{ref} has no log that could be read yet; drop one in its thread.")
        self.ref = ref


class FileUnavailable(TriageError):
    """The file cannot be had, now or later; the message says what, why and what to do."""


class DeliveryError(TriageError):
    """Slack did not take a message."""


class PermanentDeliveryError(DeliveryError):
    """Trying again would not help: the channel is gone, the token revoked, the payload refused."""


class TransientDeliveryError(DeliveryError):
    """Worth another try after `retry_after_seconds`."""

    def __init__(self, reason: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after_seconds = retry_after_seconds
