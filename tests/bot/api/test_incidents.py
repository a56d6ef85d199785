"""The REST API follows one set of patterns; each has a test that names it."""

import inspect

import pytest
import pytest_asyncio
from fastapi.routing import APIRoute

from bot.api.deps import get_db
from bot.api.routers import incidents as incidents_router
from bot.api.routers import logs as logs_router
from models.incident import Incident
from services.incidents import incident_service
from tests.support.running_bot import api_client, eventually, settings_for

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def api(tmp_path, migrated_url):
    async with api_client(settings_for(tmp_path, migrated_url), work=False) as client:
        yield client


@pytest_asyncio.fixture
async def working_api(tmp_path, migrated_url):
    async with api_client(settings_for(tmp_path, migrated_url)) as client:
        yield client


async def create(api, **changes):
    response = await api.post("/incidents", json={"title": "checkout is failing", "severity": "sev1"} | changes)
    assert response.status_code == 201, response.text
    return response.json()


async def test_every_endpoint_is_async_and_depends_on_get_db():
    routes = [r for m in (incidents_router, logs_router) for r in m.router.routes if isinstance(r, APIRoute)]
    assert len(routes) >= 9
    for route in routes:
        assert inspect.iscoroutinefunction(route.endpoint), route.path
        assert any(d.call is get_db for d in route.dependant.dependencies), route.path


async def test_post_incidents_answers_201_and_schedules_run_triage(api, monkeypatch):
    nudged = []

    async def run_triage(_parts, subject_id):
        nudged.append(subject_id)

    monkeypatch.setattr(incidents_router, "run_triage", run_triage)
    incident = await create(api)
    assert (incident["ref"], incident["status"], incident["severity"]) == ("INC-1", "triggered", "sev1")
    assert nudged == [incident["id"]]


async def test_post_incidents_passes_the_model_dump_to_the_service(api, monkeypatch):
    seen = {}
    original = incident_service.create_incident

    async def create_incident(db, **data):
        seen.update(data)
        return await original(db, **data)

    monkeypatch.setattr(incident_service, "create_incident", create_incident)
    await create(api, summary="since the deploy", reporter="pager")
    assert {"title", "severity", "summary", "channel", "reporter"} <= seen.keys()
    assert seen["reporter"] == "pager"


async def test_get_incident_has_a_response_model_and_404s_with_a_detail(api):
    incident = await create(api)
    found = await api.get(f"/incidents/{incident['id']}")
    assert found.json() == incident
    missing = await api.get("/incidents/nothing")
    assert (missing.status_code, missing.json()) == (404, {"detail": "Incident not found"})


async def test_the_service_get_incident_returns_the_incident_or_none(api):
    incident = await create(api)
    database = api.app.state.parts.database
    async with database.read() as db:
        assert isinstance(await incident_service.get_incident(db, incident["id"]), Incident)
        assert await incident_service.get_incident(db, "nothing") is None


async def test_the_list_takes_status_page_and_per_page(api):
    for n in range(3):
        await create(api, title=f"incident {n}")
    page = (await api.get("/incidents", params={"status": "triggered", "page": 2, "per_page": 2})).json()
    assert [i["title"] for i in page["items"]] == ["incident 0"]
    assert (page["total"], page["page"], page["per_page"]) == (3, 2, 2)


@pytest.mark.parametrize("query", ["page=0", "per_page=0", "per_page=101", "page=one", "status=on-fire"])
async def test_the_lists_bounds_are_kept(api, query):
    assert (await api.get(f"/incidents?{query}")).status_code == 422


async def test_the_list_defaults_to_the_first_twenty(api):
    page = (await api.get("/incidents")).json()
    assert (page["page"], page["per_page"], page["items"]) == (1, 20, [])


@pytest.mark.parametrize("body", [{}, {"title": ""}, {"title": "x" * 500}, {"title": "ok then", "severity": "sev7"}])
async def test_a_body_that_cannot_be_used_is_refused(api, body):
    response = await api.post("/incidents", json=body)
    assert response.status_code == 422
    assert (await api.get("/incidents")).json()["total"] == 0


async def test_acknowledge_and_resolve_are_remembered_and_a_second_time_changes_nothing(api):
    incident = await create(api)
    for action, status in (("acknowledge", "acknowledged"), ("resolve", "resolved")):
        first = (await api.post(f"/incidents/{incident['id']}/{action}")).json()
        again = (await api.post(f"/incidents/{incident['id']}/{action}")).json()
        assert first["status"] == status
        assert again == first
    assert (await api.post("/incidents/nothing/resolve")).status_code == 404


async def test_a_failing_commit_is_not_answered_with_success(api, monkeypatch):
    from sqlalchemy.ext.asyncio import AsyncSession

    async def broken(self):
        raise OSError("disk full")

    monkeypatch.setattr(AsyncSession, "commit", broken)
    with pytest.raises(OSError, match="disk full"):
        await api.post("/incidents", json={"title": "never committed"})


async def test_post_logs_takes_a_multipart_upload_and_starts_a_triage(working_api):
    incident = await create(working_api)
    log = b"2026-01-01 10:00:00 INFO started\n" * 500 + b"2026-01-01 10:05:00 ERROR pool exhausted\n" * 3
    response = await working_api.post(f"/incidents/{incident['id']}/logs", files={"file": ("../app.log", log)})
    assert response.status_code == 202, response.text
    upload = response.json()
    assert (upload["artifact"]["name"], upload["artifact"]["bytes"]) == ("app.log", len(log))

    async def finished():
        run = (await working_api.get(f"/incidents/{incident['id']}/triage/{upload['run']['id']}")).json()
        return run if run["state"] not in ("queued", "running") else None

    run = await eventually(finished)
    assert run["state"] == "succeeded"
    report = (await working_api.get(f"/incidents/{incident['id']}/triage/{run['id']}/report")).json()
    assert report["files"][0]["name"] == "app.log"
    cited = {(e["line"], e["text"]) for f in report["findings"] for e in f["evidence"]}
    assert (501, "2026-01-01 10:05:00 ERROR pool exhausted") in cited
    for kind, media_type, begins in (("svg", "image/svg+xml", b"<svg"), ("png", "image/png", b"\x89PNG")):
        picture = await working_api.get(f"/incidents/{incident['id']}/triage/{run['id']}/picture.{kind}")
        assert (picture.status_code, picture.headers["content-type"]) == (200, media_type)
        assert picture.content.startswith(begins)
    assert (await working_api.get(f"/incidents/{incident['id']}/logs")).json()[0]["state"] == "ready"


async def test_a_run_without_a_picture_has_none(api):
    incident = await create(api)
    await api.post(f"/incidents/{incident['id']}/logs", files={"file": ("app.log", b"fine\n")})
    run = (await api.get(f"/incidents/{incident['id']}/triage")).json()["items"][0]
    url = f"/incidents/{incident['id']}/triage/{run['id']}/picture"
    missing, unknown = await api.get(f"{url}.svg"), await api.get(f"{url}.gif")
    assert (missing.status_code, missing.json()) == (404, {"detail": "This triage run has no picture"})
    assert unknown.status_code == 422
    assert (await api.get(f"/incidents/nothing/triage/{run['id']}/picture.svg")).status_code == 404


async def test_a_file_over_the_limit_is_refused_with_413_and_leaves_nothing(tmp_path, migrated_url):
    settings = settings_for(tmp_path, migrated_url, max_upload_bytes=10_000)
    async with api_client(settings, work=False) as api:
        incident = await create(api)
        url = f"/incidents/{incident['id']}/logs"
        within_form = await api.post(url, files={"file": ("big.log", b"x" * 20_000)})
        declared = await api.post(url, files={"file": ("huge.log", b"x" * 200_000)})
        assert (within_form.status_code, declared.status_code) == (413, 413)
        assert "TRIAGE_MAX_UPLOAD_BYTES" in within_form.json()["detail"]
        assert (await api.get(url)).json() == []
    assert [path for path in (tmp_path / "state" / "artifacts").rglob("*") if path.is_file()] == []


async def test_an_upload_to_an_unknown_incident_is_404(api):
    response = await api.post("/incidents/nothing/logs", files={"file": ("a.log", b"x")})
    assert (response.status_code, response.json()) == (404, {"detail": "Incident not found"})


async def test_a_body_of_50_mb_is_refused_before_it_is_held(api):
    async def endless():
        for _ in range(50):
            yield b"x" * 1_000_000

    response = await api.post("/incidents", content=endless(), headers={"content-type": "application/json"})
    assert response.status_code == 413


@pytest.mark.parametrize(
    ("token", "headers", "status"),
    [
        ("", {}, 200),
        ("", {"x-forwarded-for": "203.0.113.9"}, 401),
        ("", {"sec-fetch-site": "cross-site"}, 401),
        ("", {"sec-fetch-site": "same-origin"}, 401),  # a name that was rebound to this machine
        ("", {"sec-fetch-site": "same-origin", "host": "127.0.0.1:8710"}, 200),
        ("secret", {}, 401),
        ("secret", {"authorization": "Bearer wrong"}, 401),
        ("secret", {"authorization": "Bearer secret"}, 200),
    ],
)
async def test_the_api_is_open_on_this_machine_and_elsewhere_needs_its_token(
    tmp_path, migrated_sqlite_url, token, headers, status
):
    async with api_client(settings_for(tmp_path, migrated_sqlite_url, api_token=token), work=False) as api:
        assert (await api.get("/incidents", headers=headers)).status_code == status


async def test_health_and_readiness_answer(api):
    assert (await api.get("/healthz")).json() == {"status": "ok"}
    assert (await api.get("/readyz/database")).json()["status"] == "ready"
