"""Turns at something scarce: nobody is starved, and who must be alone is."""

import asyncio

import pytest

from services.triage.turns import Turns

pytestmark = pytest.mark.asyncio


class Crowd:
    """Who holds a turn, in the order in which they got it; each until it is sent on."""

    def __init__(self, total):
        self.turns, self.entered, self.inside, self.tasks, self.leave = Turns(total), [], set(), {}, {}

    async def come(self, *names, alone=False):
        for name in names:
            self.leave[name] = asyncio.Event()
            self.tasks[name] = asyncio.create_task(self._hold(name, alone=alone))
        await settle()

    async def _hold(self, name, *, alone):
        async with self.turns.turn(name[0], alone=alone):
            self.entered.append(name)
            self.inside.add(name)
            try:
                await self.leave[name].wait()
            finally:
                self.inside.discard(name)

    async def go(self, *names):
        for name in names:
            self.leave[name].set()
            await asyncio.wait_for(self.tasks[name], 5)
        await settle()


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_lane_that_floods_leaves_a_turn_to_others():
    crowd = Crowd(3)
    await crowd.come("a1", "a2", "a3", "a4", "b1")
    assert crowd.inside == {"a1", "a2", "b1"}


async def test_who_holds_the_fewest_is_next_and_then_who_waits_longest():
    crowd = Crowd(1)
    await crowd.come("a1", "a2", "b1", "b2")
    for name in ("a1", "a2", "b1"):
        await crowd.go(name)
    assert crowd.entered == ["a1", "a2", "b1", "b2"]
    crowd = Crowd(2)
    await crowd.come("a1", "a2", "a3", "b1", "b2")
    await crowd.go("b1")
    assert crowd.entered == ["a1", "b1", "b2"]


async def test_one_who_must_be_alone_waits_for_the_others_to_end_and_they_for_it():
    crowd = Crowd(3)
    await crowd.come("a1", "b1")
    await crowd.come("c1", alone=True)
    await crowd.come("d1")
    assert crowd.inside == {"a1", "b1"}
    await crowd.go("a1", "b1")
    assert crowd.inside == {"c1"}
    await crowd.go("c1")
    assert crowd.inside == {"d1"}


async def test_who_gives_up_waiting_or_is_cut_off_leaves_no_gap():
    crowd = Crowd(2)
    await crowd.come("a1", "b1", "c1", "d1")
    for name in ("c1", "a1"):
        crowd.tasks[name].cancel()
        await asyncio.gather(crowd.tasks[name], return_exceptions=True)
    await settle()
    assert crowd.inside == {"b1", "d1"}
    await crowd.go("b1", "d1")
    assert crowd.turns._held.total() == 0
    assert not crowd.turns._waiting
