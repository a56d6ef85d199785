"""Slack's deliveries over HTTP: the signature comes first (and the size cap before it), then the listeners."""

import asyncio

from fastapi import APIRouter, Request
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.async_app import AsyncApp
from starlette.responses import JSONResponse, Response

from bot.settings import Settings
from bot.slack.receiving import receive
from bot.slack.signatures import Signatures

BODY_SECONDS = 2.0  # whoever sends slower than that must not keep one of the places of those who do not


def slack_router(bolt: AsyncApp, settings: Settings) -> APIRouter:
    router = APIRouter(tags=["slack"])
    signatures = Signatures(settings.slack_signing_secret)

    @router.post("/slack/events", include_in_schema=False)
    async def slack_events(request: Request) -> Response:
        """Events, commands, interactions and options: all of them are posted here."""
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await request.body()
        except TimeoutError:
            return _refusal(408, f"The body did not come within {BODY_SECONDS:g} seconds.")
        try:
            bolt_request = to_async_bolt_request(request, body)
        except ValueError:
            return _refusal(400, "The body is neither JSON nor a form in UTF-8.")
        if not signatures.accept(body, request.headers):
            return _refusal(401, "The request is not signed with SLACK_SIGNING_SECRET, or is older than five minutes.")
        return to_starlette_response(await receive(bolt, bolt_request))

    return router


def _refusal(status: int, sentence: str) -> Response:
    return JSONResponse({"detail": sentence}, status_code=status)
