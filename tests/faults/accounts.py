"""What became of an incident: what people see in the sandbox, held against the rows and against what was done."""

import json
from collections import Counter
from dataclasses import dataclass, field
from math import inf
from typing import Any

from sqlalchemy import text

from models.database import Database
from sandbox.directory import BOT_USER_ID
from sandbox.messages import Message
from sandbox.server import Sandbox
from tests.faults.moments import Journal
from tests.support.workplace import INCIDENTS

READING = ("queued", "running")
OPEN = ("pending", "sending")
REPORTED = ("succeeded", "partial")
ENGINE_IS_DONE = ("SUCCESS", "ERROR", "CANCELLED", "DELAYED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


@dataclass
class Account:
    """Sentences about what went wrong with one incident; all empty if nothing did."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.repeated)


@dataclass(frozen=True)
class Accounts:
    sandbox: Sandbox
    database: Database
    journal: Journal
    trusts_clocks: bool = True

    async def card(self, title: str) -> Message | None:
        """The message of the incident's card, the oldest if there are several."""
        cards = self.cards(title)
        return cards[0] if cards else None

    def cards(self, title: str) -> list[Message]:
        roots = self.sandbox.workspace.messages.roots(INCIDENTS)
        return [message for message in roots if _is_ours(message) and title in message.body["text"]]

    async def settled(self, title: str, files: int) -> bool:
        """Whether all files came in, every run has ended, every message is out, and no job is open."""
        runs, artifacts = await self._runs(title), await self._artifacts(title)
        if len(artifacts) < files or any(run["state"] in READING for run in runs):
            return False
        if any(row["state"] in OPEN for row in await self._outbox(title)):
            return False
        return not await self._open_jobs()

    async def of(self, title: str, *, files: list[str], may_fail: bool = False) -> Account:
        """Hold the incident with these uploads to its account; `may_fail` where a sentence may stand for the report."""
        account = Account()
        cards = self.cards(title)
        if len(cards) != 1:
            (account.doubled if cards else account.lost).append(f"{len(cards)} cards")
        thread = [message for card in cards for message in self._thread(card)]
        await self._check_rows(account, title, cards + thread)
        if files and cards:
            await self._check_report(account, title, thread, files, may_fail=may_fail)
        account.repeated += await self._repeated(title)
        return account

    def _thread(self, card: Message) -> list[Message]:
        found = self.sandbox.workspace.messages.thread(INCIDENTS, card.ts)
        return [message for message in found if _is_ours(message) and message is not card]

    async def _check_rows(self, account: Account, title: str, shown: list[Message]) -> None:
        """Every message that was to be sent is there once, and none twice."""
        seen = Counter(_identity(message) for message in shown)
        account.doubled += [f"{count} x {identity}" for identity, count in seen.items() if count > 1]
        for row in await self._outbox(title):
            if row["state"] == "dead":
                account.lost.append(f"{row['key']} was given up: {row['last_error']}")
            elif row["kind"] in _WITH_KEY and not seen[row["key"]]:
                account.lost.append(f"{row['key']} is nowhere")

    async def _check_report(
        self, account: Account, title: str, thread: list[Message], files: list[str], *, may_fail: bool
    ) -> None:
        triages = [message for message in thread if _identity(message).startswith("triage:")]
        runs = await self._runs(title)
        if not triages or not runs:
            account.lost.append("no triage message" if runs else "no run")
            return
        if "triage_actions" not in json.dumps(triages[0].body.get("blocks", [])):
            account.lost.append("the triage message still says that it reads")
        if runs[-1]["state"] in REPORTED:
            missing = set(files) - self._reported(thread, runs[-1])
            account.lost += [f"{name} is in no report" for name in sorted(missing)]
        elif not (may_fail and runs[-1]["state"] == "failed" and runs[-1]["error"]):
            account.lost.append(f"the last run is {runs[-1]['state']}: {runs[-1]['error']}")

    def _reported(self, thread: list[Message], run: dict[str, Any]) -> set[str]:
        """The files that the run's report, as attached to the thread, speaks of."""
        for message in thread:
            for file in message.body.get("files", []):
                if file["name"].endswith(f"-triage-{run['id'][-6:]}.json"):
                    report = json.loads(self.sandbox.workspace.files.get(file["id"]).path.read_bytes())
                    return {each["name"] for each in report["files"]}
        return set()

    async def _repeated(self, title: str) -> list[str]:
        """Steps that began although they were finished: noted by the engine, by its own row or in the journal."""
        mine = tuple(f"triage:{run['id']}" for run in await self._runs(title))
        finished, repeated = await self._finished() if self.trusts_clocks else {}, []
        for line in self.journal.lines():
            if line.get("workflow", "").startswith(mine):
                step, at = (line["workflow"], line["step"]), line["at"]
                if line["event"] == "noted":
                    finished[step] = min(finished.get(step, at), at) if self.trusts_clocks else -inf
                elif at > finished.get(step, inf):
                    repeated.append(f"{line['step']} of {line['workflow']}")
        return repeated

    async def _finished(self) -> dict[tuple[str, str], float]:
        """When a step was finished, as the engine wrote it down."""
        rows = await self._rows(
            f"SELECT workflow_uuid, function_name, completed_at_epoch_ms AS at FROM {self._engine}operation_outputs "
            "WHERE completed_at_epoch_ms IS NOT NULL"
        )
        # Its milliseconds are cut off: a step that took less than one would have begun after it was finished.
        return {(row["workflow_uuid"], row["function_name"]): (row["at"] + 1) / 1000 for row in rows}

    async def _runs(self, title: str) -> list[dict[str, Any]]:
        return await self._about("triage_run", title)

    async def _artifacts(self, title: str) -> list[dict[str, Any]]:
        return await self._about("log_artifact", title)

    async def _outbox(self, title: str) -> list[dict[str, Any]]:
        return await self._about("outbox_message", title)

    async def _open_jobs(self) -> bool:
        states = await self._rows(f"SELECT DISTINCT status FROM {self._engine}workflow_status")
        return any(row["status"] not in ENGINE_IS_DONE for row in states)

    async def _about(self, table: str, title: str) -> list[dict[str, Any]]:
        return await self._rows(
            f"SELECT t.* FROM {table} t JOIN incident i ON i.id = t.incident_id WHERE i.title = :title ORDER BY t.id",
            title=title,
        )

    async def _rows(self, statement: str, **values: str) -> list[dict[str, Any]]:
        async with self.database.read() as session:
            return [dict(row) for row in (await session.execute(text(statement), values)).mappings()]

    @property
    def _engine(self) -> str:
        return "" if self.database.is_sqlite else "dbos."


_WITH_KEY = ("card", "triage", "change", "reply")


def _is_ours(message: Message) -> bool:
    return message.body.get("user") == BOT_USER_ID and message.ephemeral_to is None


def _identity(message: Message) -> str:
    """The key it carries; what is sent as files carries none, and is known by their names."""
    key = (message.metadata or {}).get("event_payload", {}).get("key")
    return key or ", ".join(sorted(file["name"] for file in message.body.get("files", []))) or message.body["text"]
