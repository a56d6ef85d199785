"""The error tree. A message is the sentence a person reads; the facts are attributes.

- TriageError: every refusal of ours
  - NotFound: IncidentNotFound, RunNotFound, ArtifactMissing
  - Conflict: InvalidTransition, ConcurrentChange, NothingToStop
  - BadInput: InvalidTitle, UnknownSeverity, UnknownStatus, FileTooLarge, NothingToTriage
  - FileUnavailable: cannot be fetched, now or later
  - PassingFault: what is needed is away for now; worth another try later: StoreUnavailable
  - StoreRefused: the artifact store needs somebody's hand
  - DeliveryError: PermanentDeliveryError, TransientDeliveryError, RateLimited, CredentialsRefused, ThreadGone
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


class NothingToStop(Conflict):
    def __init__(self, ref: str) -> None:
        super().__init__(f"Nothing of {ref} is being read, or waits to be read; nothing changed.")
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


class PassingFault(TriageError):
    """`what` (“Slack”, “the artifact store”) is away for now, for a `reason` that people can read.

    Worth another try, not before `retry_after_seconds`.
    """

    def __init__(self, what: str, reason: str, retry_after_seconds: float = 0) -> None:
        super().__init__(f"{what}: {reason}")
        self.what, self.reason, self.retry_after_seconds = what, reason, retry_after_seconds


class StoreUnavailable(PassingFault):
    """The artifact store is away, or its disk is full; `errno` where the system gave one."""

    def __init__(self, reason: str, *, errno: int | None = None) -> None:
        super().__init__("The artifact store cannot be used", reason)
        self.errno = errno


class StoreRefused(TriageError):
    """The artifact store does not do it before somebody changes something: its address, credentials, permissions."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The artifact store refuses: {reason} (TRIAGE_ARTIFACTS_URL).")
        self.reason = reason


class ArtifactMissing(NotFound):
    """What was kept under `key` is gone."""

    def __init__(self, key: str) -> None:
        super().__init__(f"Nothing is kept under {key} any more.")
        self.key = key


class DeliveryError(TriageError):
    """Slack did not take a message. `reason` is its word for why, `advice` what a person can do about it."""

    def __init__(self, reason: str, advice: str = "") -> None:
        super().__init__(f"{reason}: {advice}" if advice else reason)
        self.reason, self.advice = reason, advice


class PermanentDeliveryError(DeliveryError):
    """Trying again would not help before somebody has changed something."""


class TransientDeliveryError(DeliveryError):
    """Worth another try, after `retry_after_seconds` where that is known.

    `in_doubt`: the message may be there all the same, for the answer was lost.
    """

    def __init__(self, reason: str, retry_after_seconds: float | None = None, *, in_doubt: bool = True) -> None:
        super().__init__(reason)
        self.retry_after_seconds = retry_after_seconds
        self.in_doubt = in_doubt


class RateLimited(TransientDeliveryError):
    """Nothing is wrong but the time: worth another try after `retry_after_seconds`, as often as that happens."""

    def __init__(self, retry_after_seconds: float) -> None:
        super().__init__("ratelimited", retry_after_seconds, in_doubt=False)


class CredentialsRefused(DeliveryError):
    """No message at all can be delivered with this token."""


class ThreadGone(DeliveryError):
    """The thread that the message belongs into does not exist any more."""
