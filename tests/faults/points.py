"""The points at which the bot is killed: before, in the middle of and after everything that it does for an upload."""

from dataclasses import dataclass
from enum import StrEnum

from tests.faults.moments import Moment

UPLOAD_EVENT = "'subtype': 'file_share'"


class Cause(StrEnum):
    """What a person does that brings the bot to the point."""

    COMMAND = "command"
    UPLOAD = "upload"
    SECOND_UPLOAD = "second upload"
    PRESS = "press"


@dataclass(frozen=True, slots=True)
class Point:
    """`moment` is None where the harness kills from outside, at a random moment of the upload."""

    name: str
    what: str
    moment: Moment | None
    cause: Cause = Cause.UPLOAD
    upload_bytes: int = 60_000
    kills_bot: bool = True


def _commit(call: str, side: str, commit: str, about: str = "") -> Moment:
    return Moment(call, side, about, commit)


# More than the artifact store hands on at once, so that part of it is on the disk when the blow falls.
_LARGE_BYTES = 24_000_000

POINTS = (
    Point("command-committed", "the incident is committed, the command is not answered",
          _commit("create_incident", "after", "after"), Cause.COMMAND),
    Point("card-claimed", "the card is about to be posted", Moment("slack:chat.postMessage", about="card:"), Cause.COMMAND),
    Point("card-posted", "Slack has taken the card, nobody has noted it",
          Moment("slack:chat.postMessage", "after", "card:"), Cause.COMMAND),
    Point("press-committed", "a button's press is committed, not answered",
          _commit("acknowledge_incident", "after", "after"), Cause.PRESS),
    Point("delivery-arrived", "an upload's event is here, nothing is written", Moment("delivery", "before", UPLOAD_EVENT)),
    Point("intake-begun", "its inbox row is written, nothing else", Moment("intake", "before")),
    Point("intake-uncommitted", "all its rows are written, nothing is committed", _commit("intake", "after", "before")),
    Point("intake-committed", "committed, not acknowledged", _commit("intake", "after", "after")),
    Point("begin-before", "its job was taken, nothing is done", Moment("begin", "before")),
    Point("begin-uncommitted", "the run is taken up, not committed", _commit("begin", "before", "before")),
    Point("begin-committed", "that the run has begun is committed", Moment("begin", "after")),
    Point("fetch-half", "half of the file is here", Moment("download", "middle"), upload_bytes=_LARGE_BYTES),
    Point("fetch-unnoted", "the file is here, the step is not noted", Moment("step:fetch", "after")),
    Point("fetch-noted", "the step `fetch` is noted", Moment("step:fetch", "noted")),
    Point("analyse-reading", "a reader is at work", Moment("analysis", "before", delay_seconds=0.15),
          upload_bytes=_LARGE_BYTES),
    Point("reader-killed", "the reader alone is killed", Moment("reader", "before"), kills_bot=False),
    Point("analyse-unnoted", "the report is stored, the step is not noted", Moment("step:analyse", "after")),
    Point("analyse-noted", "the step `analyse` is noted", Moment("step:analyse", "noted")),
    Point("conclude-uncommitted", "report and messages are written, not committed",
          _commit("step:conclude", "before", "before")),
    Point("conclude-unnoted", "committed, the step is not noted", _commit("step:conclude", "before", "after")),
    Point("conclude-noted", "the step `conclude` is noted", Moment("step:conclude", "noted")),
    Point("triage-claimed", "the triage message is about to be posted",
          Moment("slack:chat.postMessage", about="triage:")),
    Point("triage-posted", "Slack has taken the triage message, nobody has noted it",
          Moment("slack:chat.postMessage", "after", "triage:")),
    Point("triage-settled", "that it was posted is noted",
          _commit("slack:chat.postMessage", "after", "after", "triage:")),
    Point("edit-claimed", "the finished triage is about to be shown", Moment("slack:chat.update", about="triage_actions")),
    Point("edit-taken", "Slack has taken that edit, nobody has noted it",
          Moment("slack:chat.update", "after", "triage_actions")),
    Point("report-ticket", "Slack gave an address for the report's file",
          Moment("slack:files.getUploadURLExternal", "after", ".md")),
    Point("report-uploaded", "the report's bytes are in Slack, the upload is not completed",
          Moment("slack:files.completeUploadExternal", "before", ".md")),
    Point("report-completed", "Slack has taken the report's file, nobody has noted it",
          Moment("slack:files.completeUploadExternal", "after", ".md")),
    Point("picture-completed", "Slack has taken the picture, nobody has noted it",
          Moment("slack:files.completeUploadExternal", "after", ".png")),
    Point("change-posted", "Slack has taken the line on what changed, nobody has noted it",
          Moment("slack:chat.postMessage", "after", "change:"), Cause.SECOND_UPLOAD),
    Point("any-moment", "anywhere between the upload and its report", None),
)  # fmt: skip
