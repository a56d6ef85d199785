"""What a later report says that the former one of the same incident did not: one sentence for the thread."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.schemas.report import Report, ReportEvidence, ReportFinding

# A confidence that moved by less is no news at night.
_SAME_CONFIDENCE = 0.05
_NAMED_FILES = 3
# The report file of the run before has them all.
_NAMED_GONE = 5
_TITLE_CHARS, _GONE_CHARS = 120, 80
_SURENESS = {"inconclusive": 0, "likely": 1, "confirmed": 2}
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Change:
    """A sentence of ours with a `{}` for each of the quotes: titles out of logs, names of files, places.

    is_news: whether it says that anything is otherwise than before.
    """

    wording: str
    quotes: tuple[str, ...]
    is_news: bool = True

    def said(self, quote: Callable[[str], str]) -> str:
        """The sentence, each quote as `quote` writes it."""
        return self.wording.format(*map(quote, self.quotes))

    def followed_by(self, other: "Change | None") -> "Change":
        """Both in one sentence."""
        if other is None:
            return self
        return Change(f"{self.wording}; {other.wording}", self.quotes + other.quotes)


def change_between(former: Report, later: Report) -> Change | None:
    """How the later report differs, named finding by named finding; None where it read and says the same.

    Findings are the same where they are about the same line, or where their titles differ in numbers only. What the
    former report found and no finding of the later one claims or cites is always named.
    """
    added, unread = _added_files(former, later)
    gone = _gone(former, later)
    change = _of_the_first(former, later, added)
    if change.is_news or added:
        return change.followed_by(gone)
    if gone:
        return gone
    return _could_not_be_read(unread) if unread else None


def _of_the_first(former: Report, later: Report, added: Sequence[str]) -> Change:
    before, now = _first(former), _first(later)
    if before is None:
        return _found(now, added) if now else _nothing_new(added, "nothing abnormal found in it either")
    if now is None:
        return Change(f"weakened: {{}} ({_sure(before)}) is not abnormal beside what came", (_title(before),))
    if not _is_same(before, now):
        return _changed(former, later, before, now, added)
    step = _step(before, now)
    if step:
        return _moved(before, now, "strengthened" if step > 0 else "weakened", added)
    return _unchanged(former, later, now, added)


def _found(now: ReportFinding, added: Sequence[str]) -> Change:
    where = _head_place(now)
    told = Change(f"{_cause(now)} found: {{}} ({_sure(now)}){' at {}' if where else ''}", (_title(now), *where))
    return told if _head_file(now) in added or not added else told.followed_by(_read_too(added))


def _nothing_new(added: Sequence[str], what: str, *quotes: str) -> Change:
    names = _files(added)
    return Change(f"nothing new in {names.wording}: {what}", (*names.quotes, *quotes), is_news=False)


def _could_not_be_read(unread: Sequence[str]) -> Change:
    names = _files(unread)
    return Change(f"nothing new: {names.wording} could not be read", names.quotes)


def _moved(before: ReportFinding, now: ReportFinding, how: str, added: Sequence[str]) -> Change:
    told = Change(f"{_cause(now)} {how}: {{}} ({_sure(now)}, was {_sure(before)})", (_title(now),))
    shows = [_place(cited) for cited in now.evidence if cited.file in added and how == "strengthened"]
    return told.followed_by(Change("{} shows it too", (shows[0],)) if shows else _read_too(added))


def _unchanged(former: Report, later: Report, now: ReportFinding, added: Sequence[str]) -> Change:
    known = _findings(former)
    new = [found for found in _findings(later) if not _is_told(found, known)]
    if not new:
        return _nothing_new(added, f"the {_cause(now)} stays {{}} ({_sure(now)})", _title(now))
    stays = Change(f"{_cause(now)} unchanged: {{}} ({_sure(now)})", (_title(now),))
    more = f", and {_counted(len(new) - 1, 'more finding')}" if len(new) > 1 else ""
    place = _head_place(new[0])
    return stays.followed_by(Change(f"new: {{}}{' at {}' if place else ''}{more}", (_title(new[0]), *place)))


def _changed(former: Report, later: Report, before: ReportFinding, now: ReportFinding, added: Sequence[str]) -> Change:
    told = Change(_turn(before, now), (_title(before), _title(now)))
    why = _earlier_trouble(former, later, added) or _shown_by(now, added)
    if why is None:
        return told.followed_by(_read_too(added))
    return Change(f"{told.wording} because {why.wording}", told.quotes + why.quotes)


def _turn(before: ReportFinding, now: ReportFinding) -> str:
    if _cause(before) == _cause(now):
        return f"{_cause(now)} changed from {{}} ({_sure(before)}) to {{}} ({_sure(now)})"
    return f"{_cause(before)} {{}} ({_sure(before)}) gives way to the {_cause(now)} {{}} ({_sure(now)})"


def _earlier_trouble(former: Report, later: Report, added: Sequence[str]) -> Change | None:
    began, onset = former.onset, later.onset
    if onset is None or onset.at is None or onset.file not in added:
        return None
    if began is not None and began.at is not None and began.at <= onset.at:
        return None
    return Change(f"{{}} holds earlier trouble ({_clock(onset.at)}, {{}})", (onset.file, f"{onset.file}:{onset.line}"))


def _shown_by(now: ReportFinding, added: Sequence[str]) -> Change | None:
    return Change("{} shows it", _head_place(now)) if _head_file(now) in added else None


def _read_too(added: Sequence[str]) -> Change | None:
    if not added:
        return None
    names = _files(added)
    return Change(f"now read too: {names.wording}", names.quotes)


def _gone(former: Report, later: Report) -> Change | None:
    """What the former report found and no finding of the later one tells; the first is spoken of anyway."""
    now = _findings(later)
    spoken = _findings(former)[:1]
    gone = [each for each in _findings(former) if each not in spoken and not _is_told(each, now)]
    if not gone:
        return None
    named = gone[:_NAMED_GONE]
    more = f" and {len(gone) - len(named):,} more of the report before" if len(gone) > len(named) else ""
    titles = tuple(_cut(each.title, _GONE_CHARS) for each in named)
    return Change(f"no longer among the findings: {', '.join('{}' for _ in named)}{more}", titles)


def _findings(report: Report) -> list[ReportFinding]:
    """Those that claim something; what only stands around them does not."""
    return [finding for finding in report.findings if finding.kind != "context"]


def _first(report: Report) -> ReportFinding | None:
    return next(iter(_findings(report)), None)


def _added_files(former: Report, later: Report) -> tuple[list[str], list[str]]:
    """The names of files (of an archive, of its members) that the former report does not have: read, not read."""
    known = {(file.name, file.sha256) for file in former.files}
    added = [file for file in later.files if (file.name, file.sha256) not in known]
    read = dict.fromkeys(file.name for file in added if file.lines)
    return list(read), list(dict.fromkeys(file.name for file in added if file.name not in read))


def _is_same(one: ReportFinding, other: ReportFinding) -> bool:
    """Whether both claim the same: in the same words but for numbers, or by the same line."""
    if one.kind == other.kind and _NUMBER.sub("0", one.title) == _NUMBER.sub("0", other.title):
        return True
    return bool(_head_place(one)) and _head_place(one) == _head_place(other)


def _is_told(finding: ReportFinding, others: Sequence[ReportFinding]) -> bool:
    """Whether another claims the same, or cites the line that this one is about."""
    head = _head_place(finding)
    return any(
        _is_same(finding, other) or (head and head[0] in [_place(cited) for cited in other.evidence])
        for other in others
    )


def _step(before: ReportFinding, now: ReportFinding) -> int:
    """1 surer than before, -1 less sure, 0 as sure."""
    step = _SURENESS[now.verdict] - _SURENESS[before.verdict]
    if step == 0 and abs(now.confidence - before.confidence) >= _SAME_CONFIDENCE:
        return 1 if now.confidence > before.confidence else -1
    return (step > 0) - (step < 0)


def _cause(finding: ReportFinding) -> str:
    """Nobody is told of a cause that is not even likely."""
    return "lead" if finding.verdict == "inconclusive" else "cause"


def _sure(finding: ReportFinding) -> str:
    return f"{finding.verdict} {finding.confidence:.0%}"


def _title(finding: ReportFinding) -> str:
    return _cut(finding.title, _TITLE_CHARS)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _head_file(finding: ReportFinding) -> str | None:
    return finding.evidence[0].file if finding.evidence else None


def _head_place(finding: ReportFinding) -> tuple[str, ...]:
    return tuple(_place(cited) for cited in finding.evidence[:1])


def _place(cited: ReportEvidence) -> str:
    return f"{cited.file}:{cited.line}"


def _files(names: Sequence[str]) -> Change:
    named = names[:_NAMED_FILES]
    more = f" and {_counted(len(names) - len(named), 'more file')}" if len(names) > len(named) else ""
    return Change(f"{', '.join('{}' for _ in named)}{more}", tuple(named))


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _clock(at: datetime) -> str:
    return f"{at:%H:%M:%S} UTC"
