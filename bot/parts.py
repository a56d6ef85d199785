"""The parts of a running bot, wired in bot/app.py and handed to whoever needs one."""

from dataclasses import dataclass

from bot.observability.metrics import Metrics
from bot.observability.readiness import Readiness
from bot.observability.state import StateGauges
from bot.settings import Settings
from models.database import Database
from services.artifacts.store import ArtifactStore
from services.jobs.jobs import Jobs
from services.notifications.dispatcher import OutboxDispatcher


@dataclass(frozen=True, slots=True)
class Parts:
    """`workspace` is Slack's team id, "local" without Slack; `dispatcher` is None where nothing is delivered."""

    settings: Settings
    database: Database
    store: ArtifactStore
    jobs: Jobs
    workspace: str
    dispatcher: OutboxDispatcher | None
    metrics: Metrics
    readiness: Readiness
    gauges: StateGauges
