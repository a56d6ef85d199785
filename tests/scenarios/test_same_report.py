"""One report, whichever door the log came in by: Slack, the API or the terminal."""

import json
import subprocess
import sys

import pytest

from sandbox.samples.story import write_samples
from tests.support.running_bot import eventually
from tests.support.workplace import workplace

pytestmark = pytest.mark.asyncio

NAME = "checkout-api.log"


def without_stats(report):
    return {key: value for key, value in report.items() if key != "stats"}


async def test_slack_the_api_and_the_terminal_give_the_same_report(tmp_path, migrated_sqlite_url):
    write_samples(tmp_path, total_bytes=600_000)
    log = tmp_path / NAME
    async with workplace(tmp_path, migrated_sqlite_url) as place:
        api = f"http://127.0.0.1:{place.bot.state.parts.settings.port}"
        card = await place.open_incident("by Slack")
        await place.upload((NAME, log.read_bytes()), thread_ts=card["ts"])
        await place.triage(card)
        by_slack = (await place.http.get(f"{api}/incidents")).json()["items"][0]["id"]
        by_api = (await place.http.post(f"{api}/incidents", json={"title": "by API"})).json()["id"]
        await place.http.post(f"{api}/incidents/{by_api}/logs", files={"file": (NAME, log.read_bytes())})

        async def report_of(incident_id):
            run = (await place.http.get(f"{api}/incidents/{incident_id}/triage")).json()["items"][0]
            if run["state"] != "succeeded":
                return None
            return (await place.http.get(f"{api}/incidents/{incident_id}/triage/{run['id']}/report")).json()

        from_slack = await report_of(by_slack)
        from_api = await eventually(lambda: report_of(by_api))
    words = [sys.executable, "-m", "bot.cli", "analyze", "--format", "json", NAME]
    shown = subprocess.run(  # noqa: ASYNC221  # nothing else runs meanwhile
        words, cwd=tmp_path, capture_output=True, check=True
    ).stdout
    from_terminal = json.loads(shown)
    assert from_slack["findings"]
    assert without_stats(from_slack) == without_stats(from_api) == without_stats(from_terminal)
