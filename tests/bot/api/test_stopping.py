"""POST /incidents/{id}/triage/{run}/cancel, and what the API says of a run that was stopped."""

import pytest
import pytest_asyncio

from tests.support.running_bot import api_client, settings_for

pytestmark = pytest.mark.asyncio

LOG = b"2026-01-01 10:05:00 ERROR pool exhausted\n" * 3


@pytest_asyncio.fixture
async def api(tmp_path, migrated_url):
    """Nothing works on what it takes in."""
    async with api_client(settings_for(tmp_path, migrated_url), work=False) as client:
        yield client


async def test_a_run_is_stopped_once_and_can_be_begun_again(api):
    incident = (await api.post("/incidents", json={"title": "checkout fails"})).json()
    logs = f"/incidents/{incident['id']}/logs"
    run = (await api.post(logs, files={"file": ("app.log", LOG)})).json()["run"]
    assert (run["state"], run["stopped_by"], run["waiting_for"]) == ("queued", None, None)
    triage = f"/incidents/{incident['id']}/triage"

    stopped = await api.post(f"{triage}/{run['id']}/cancel")
    assert stopped.status_code == 200
    assert (stopped.json()["state"], stopped.json()["stopped_by"]) == ("canceled", "api")
    assert (await api.get(f"{triage}/{run['id']}")).json() == stopped.json()
    again = await api.post(f"{triage}/{run['id']}/cancel")
    assert again.status_code == 409
    assert again.json()["detail"] == "Nothing of INC-1 is being read, or waits to be read; nothing changed."

    rerun = await api.post(triage)
    assert (rerun.status_code, rerun.json()["state"]) == (202, "queued")
    assert (await api.get(triage, params={"status": "canceled"})).json()["total"] == 1


async def test_a_run_that_is_not_there_or_another_incidents_is_not_found(api):
    incidents = [(await api.post("/incidents", json={"title": f"incident {n}"})).json()["id"] for n in range(2)]
    run = (await api.post(f"/incidents/{incidents[0]}/logs", files={"file": ("app.log", LOG)})).json()["run"]
    for path in (f"{incidents[1]}/triage/{run['id']}", f"{incidents[0]}/triage/nothing", f"nothing/triage/{run['id']}"):
        assert (await api.post(f"/incidents/{path}/cancel")).status_code == 404
    assert (await api.get(f"/incidents/{incidents[0]}/triage/{run['id']}")).json()["state"] == "queued"
