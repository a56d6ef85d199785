"""How deliveries reach the bot: as Slack sends them, each one twice, or the last one first."""

import asyncio

from sandbox.reply import Envelope, Reply, Transport

TOGETHER_SECONDS = 0.4  # what Slack sends within this time is one batch to turn round


class SlackIsPatient:
    """Slack's second retry comes a minute later, when a bot that was started again has long been ready.

    Args:
        passed: what is over in a minute: the bot's start, an outage.
    """

    def __init__(self, transport: Transport, *passed: asyncio.Event) -> None:
        self._transport = transport
        self._passed = passed

    @property
    def connected(self) -> bool:
        return self._transport.connected

    async def send(self, envelope: Envelope, *, retry: int, reason: str | None) -> Reply:
        if retry > 1:
            for over in self._passed:
                await over.wait()
        return await self._transport.send(envelope, retry=retry, reason=reason)


class EverythingTwice(SlackIsPatient):
    """Commands and presses too: Slack's own network sends them again now and then."""

    async def send(self, envelope: Envelope, *, retry: int, reason: str | None) -> Reply:
        deliver = super().send
        first, _ = await asyncio.gather(*(deliver(envelope, retry=retry, reason=reason) for _ in range(2)))
        return first


class LastFirst(SlackIsPatient):
    """Events of one moment in the reverse of their order, each after the one before was acknowledged."""

    def __init__(self, transport: Transport, *passed: asyncio.Event) -> None:
        super().__init__(transport, *passed)
        self._held: list[asyncio.Event] = []

    async def send(self, envelope: Envelope, *, retry: int, reason: str | None) -> Reply:
        if envelope.kind != "events_api" or retry:
            return await super().send(envelope, retry=retry, reason=reason)
        turn = asyncio.Event()
        self._held.append(turn)
        if len(self._held) == 1:
            asyncio.get_running_loop().call_later(TOGETHER_SECONDS, self._release)
        await turn.wait()
        try:
            return await super().send(envelope, retry=retry, reason=reason)
        finally:
            self._release()

    def _release(self) -> None:
        if self._held:
            self._held.pop().set()
