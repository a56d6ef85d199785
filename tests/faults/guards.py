"""The guards against loss and doubling, and how each is broken: a check that cannot see that proves nothing."""

import dataclasses
import functools
import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.faults.wrapping import replace

BROKEN = "TRIAGE_TEST_BROKEN_GUARD"
CONSTANTS = "TRIAGE_TEST_CONSTANTS"  # names and values, as JSON: a test need not wait as long as people do


def apply(environment: Mapping[str, str]) -> None:
    """Break the guard that the environment names, in this process."""
    for name, constant in json.loads(environment.get(CONSTANTS, "{}")).items():
        replace(name, lambda _original, constant=constant: constant)
    if name := environment.get(BROKEN):
        GUARDS[name]()


def _break_inbox() -> None:
    """Every delivery is taken for a new one."""

    def make(original: Any) -> Any:
        @functools.wraps(original)
        async def record_delivery(*args: Any, **named: Any) -> bool:
            await original(*args, **named)
            return True

        return record_delivery

    replace("services.inbox:record_delivery", make)


def _break_intent() -> None:
    """Nobody looks for a message that an earlier attempt may have posted."""

    def make(original: Any) -> Any:
        @functools.wraps(original)
        async def deliver(notifier: Any, envelope: Any) -> Any:
            return await original(notifier, dataclasses.replace(envelope, in_doubt_since=None))

        return deliver

    replace("bot.slack.notifier:SlackNotifier.deliver", make)


def _break_reaper() -> None:
    """The jobs of a dead worker stay where they are."""

    def make(_original: Any) -> Any:
        async def take_over(*_args: Any) -> None:
            return None

        return take_over

    replace("services.jobs.dbos_jobs:DbosJobs._take_over", make)


def _break_steps() -> None:
    """The engine keeps no result: a job that is taken up again begins from its start."""

    def make(_original: Any) -> Any:
        async def run_step_async(_dbos: Any, _context: Any, action: Any, _options: Any, args: Any, named: Any) -> Any:
            return await action(*args, **named)

        return run_step_async

    replace("dbos._dbos:run_step_async", make)


GUARDS: dict[str, Callable[[], None]] = {
    "inbox": _break_inbox,
    "intent": _break_intent,
    "reaper": _break_reaper,
    "steps": _break_steps,
}
