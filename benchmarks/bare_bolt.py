"""The smallest Bolt app on FastAPI there is, to measure the bot against: it checks the signature and does nothing."""

import os

import uvicorn
from fastapi import FastAPI, Request, Response
from slack_bolt.adapter.fastapi.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult


async def authorize(**_: object) -> AuthorizeResult:
    return AuthorizeResult(
        enterprise_id=None, team_id="T0SANDBOX", bot_user_id="U0", bot_id="B0", bot_token="xoxb-none"
    )


async def do_nothing() -> None:
    pass


def bare_app() -> FastAPI:
    bolt = AsyncApp(authorize=authorize, signing_secret=os.environ["SLACK_SIGNING_SECRET"])
    bolt.event("message")(do_nothing)
    handler = AsyncSlackRequestHandler(bolt)
    app = FastAPI()

    @app.post("/slack/events")
    async def slack_events(request: Request) -> Response:
        return await handler.handle(request)

    @app.get("/readyz")
    async def readyz() -> str:
        return "ready"

    return app


if __name__ == "__main__":
    uvicorn.run(bare_app(), host="127.0.0.1", port=int(os.environ["TRIAGE_PORT"]), log_level="warning")
