"""The small web app beside the bot: for Prometheus and for probes, on a port that only they can reach."""

from fastapi import FastAPI

from bot.api.routers import health, metrics


def operations_app(app: FastAPI) -> FastAPI:
    """`/metrics`, `/healthz` and `/readyz` of a bot that is running; no token is asked for."""
    beside = FastAPI(title="SRE triage agent: operations", docs_url=None, redoc_url=None, openapi_url=None)
    beside.state = app.state
    beside.include_router(health.router)
    beside.include_router(metrics.router)
    return beside
