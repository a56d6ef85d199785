"""Deliveries to the app: events with Slack's retries, commands and interactions once."""

import asyncio
from collections.abc import Coroutine

from sandbox.clock import Clock
from sandbox.config import SandboxConfig
from sandbox.faults import Fault, Faults
from sandbox.reply import Envelope, Reply, Transport
from sandbox.traffic import Traffic


class Deliveries:
    def __init__(
        self, config: SandboxConfig, transport: Transport, clock: Clock, traffic: Traffic, faults: Faults
    ) -> None:
        self._config = config
        self._clock = clock
        self._traffic = traffic
        self._faults = faults
        self._tasks: set[asyncio.Task[None]] = set()
        self.transport = transport

    def announce(self, envelope: Envelope) -> None:
        """Deliver an event in the background, with retries."""
        self.start(self._with_retries(envelope))

    async def ask(self, envelope: Envelope) -> Reply:
        """Deliver a command or an interaction, which Slack never retries."""
        return await self._attempt(envelope, retry=0, reason=None)

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Run `work` until it is done or the sandbox closes."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def pending(self) -> int:
        """Deliveries not yet acknowledged or given up."""
        return len(self._tasks)

    async def close(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _with_retries(self, envelope: Envelope) -> None:
        fault = self._faults.take("delivery")
        reply = await self._first(envelope, fault)
        for retry, delay_seconds in enumerate(self._config.retry_delays_seconds, start=1):
            if reply.failure is None or reply.no_retry:
                return
            await asyncio.sleep(delay_seconds)
            reply = await self._attempt(envelope, retry=retry, reason=reply.failure)

    async def _first(self, envelope: Envelope, fault: Fault | None) -> Reply:
        if fault and fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        reply = await self._attempt(envelope, retry=0, reason=None)
        if fault and fault.kind == "duplicate":
            reply = await self._attempt(envelope, retry=0, reason=None)
        if fault and fault.kind == "lost":
            return Reply("acknowledgement lost", failure="http_timeout")
        return reply

    async def _attempt(self, envelope: Envelope, *, retry: int, reason: str | None) -> Reply:
        started = self._clock.now()
        reply = await self.transport.send(envelope, retry=retry, reason=reason)
        self._traffic.note(
            "to_app",
            envelope.kind,
            envelope.summary,
            status=reply.status,
            started=started,
            retry=retry,
            request=envelope.payload,
            response=reply.body or "",
        )
        return reply
