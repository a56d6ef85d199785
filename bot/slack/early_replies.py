"""Replies to a card that Slack shows and we do not know of yet: kept, and looked at again.

Between Slack's taking the card and our noting its ts a person can reply to it, and after a crash that gap is as long as
it takes to find the card again. Slack would send the event again three times at most, so the keeping is ours.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from bot.slack.delivery import Delivery, Desk
from services import inbox
from services.incidents import threads
from services.jobs.jobs import Step

LOOK_AGAIN_JOB = "look_again"
# The first is for a card that is just being posted, those after it for one that a crash hid, which is looked for within
# ten seconds or so; together they outlast a restart that takes its time.
LOOK_AFTER_SECONDS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 120.0, 600.0)
KEPT = "kept: its thread may be of a card that is just being posted"
Act = Callable[[Delivery, dict[str, Any]], Awaitable[str]]


class EarlyReplies:
    """Keeps events of messages and has `act` look at each again; `act` returns the outcome in words.

    Args:
        desk: where the inbox and the jobs are.
        act: works on an event, and may keep it once more.
    """

    def __init__(self, desk: Desk, act: Act) -> None:
        self._desk = desk
        self._act = act

    def register(self) -> None:
        """Have this process look at what was kept; before the jobs start."""
        self._desk.jobs.register(LOOK_AGAIN_JOB, self._look_again)

    async def keep(self, delivery: Delivery, event: dict[str, Any]) -> bool:
        """Whether the reply was kept: it is one, a card's thread is still unknown, and patience is left."""
        if "thread_ts" not in event or delivery.looks >= len(LOOK_AFTER_SECONDS):
            return False
        if not await threads.is_one_unknown(delivery.session, workspace=delivery.workspace, channel=event["channel"]):
            return False
        await self._desk.jobs.enqueue(
            delivery.session,
            kind=LOOK_AGAIN_JOB,
            job_id=f"{LOOK_AGAIN_JOB}:{delivery.event_id}:{delivery.looks}",
            argument=json.dumps({"event_id": delivery.event_id, "looks": delivery.looks + 1, "event": event}),
            lane=delivery.workspace,
            delay_seconds=LOOK_AFTER_SECONDS[delivery.looks],
        )
        return True

    async def _look_again(self, step: Step, argument: str) -> None:
        await step("look_again", self.look_again, argument)

    async def look_again(self, argument: str) -> None:
        """Work on a kept event, in one transaction with its outcome."""
        kept = json.loads(argument)
        async with self._desk.database.write() as session:
            delivery = Delivery(session, self._desk.identity.team_id, kept["event_id"], looks=kept["looks"])
            outcome = await self._act(delivery, kept["event"])
            await inbox.record_outcome(session, event_id=delivery.event_id, outcome=outcome)
            await session.commit()
