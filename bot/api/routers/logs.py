"""Log uploads over HTTP, and the triage runs they start."""

from collections.abc import AsyncIterator
from typing import Literal

from fastapi import APIRouter, BackgroundTasks, Depends, File, HTTPException, Query, Response, UploadFile
from sqlalchemy.ext.asyncio import AsyncSession

from bot.api.deps import get_db, get_parts, require_caller
from bot.api.nudge import run_triage
from bot.api.routers.incidents import found
from bot.parts import Parts
from models.base import new_id
from models.schemas.report import Report
from models.schemas.triage import ArtifactOut, RunList, RunOut, UploadOut
from models.triage import LogArtifact, TriageRun
from services.artifacts.store import CHUNK_BYTES
from services.triage import intake, triage_service
from services.triage.stopping import stop_triage
from services.triage.triage_service import RunPage

_PICTURE_TYPES = {"svg": "image/svg+xml", "png": "image/png"}
FORM_OVERHEAD_BYTES = 64_000  # the boundaries and headers around an uploaded file

router = APIRouter(prefix="/incidents/{incident_id}", tags=["logs"], dependencies=[Depends(require_caller)])


@router.post("/logs", status_code=202, response_model=UploadOut)
async def upload_log(
    incident_id: str,
    background_tasks: BackgroundTasks,
    db: AsyncSession = Depends(get_db, scope="function"),
    parts: Parts = Depends(get_parts),
    file: UploadFile = File(...),
) -> UploadOut:
    await found(db, incident_id)
    name = file.filename or "unnamed"
    await db.rollback()  # no write lock is held while the body streams in
    stored = await parts.store.put(
        f"uploads/{incident_id}/{new_id()}", _chunks(file), name=name, max_bytes=parts.settings.max_upload_bytes
    )
    incident = await found(db, incident_id)
    artifact, run = await intake.receive_stored_upload(
        db, parts.jobs, incident=incident, name=name, stored=stored, uploader="api"
    )
    background_tasks.add_task(run_triage, parts, run.id)
    return UploadOut(artifact=ArtifactOut.model_validate(artifact), run=RunOut.model_validate(run))


@router.get("/logs", response_model=list[ArtifactOut])
async def list_logs(incident_id: str, db: AsyncSession = Depends(get_db, scope="function")) -> list[LogArtifact]:
    await found(db, incident_id)
    return await triage_service.list_artifacts(db, incident_id)


@router.get("/triage", response_model=RunList)
async def list_runs(
    incident_id: str,
    db: AsyncSession = Depends(get_db, scope="function"),
    page: int = Query(1, ge=1),
    per_page: int = Query(20, ge=1, le=100),
    status: str | None = Query(None),
) -> RunPage:
    await found(db, incident_id)
    return await triage_service.list_runs(db, incident_id, page=page, per_page=per_page, status=status)


@router.post("/triage", status_code=202, response_model=RunOut)
async def rerun_triage(
    incident_id: str,
    background_tasks: BackgroundTasks,
    db: AsyncSession = Depends(get_db, scope="function"),
    parts: Parts = Depends(get_parts),
) -> TriageRun:
    incident = await found(db, incident_id)
    run = await intake.request_rerun(db, parts.jobs, incident=incident, requested_by="api")
    background_tasks.add_task(run_triage, parts, run.id)
    return run


@router.get("/triage/{run_id}", response_model=RunOut)
async def get_run(incident_id: str, run_id: str, db: AsyncSession = Depends(get_db, scope="function")) -> TriageRun:
    run = await triage_service.get_run(db, run_id)
    if run is None or run.incident_id != incident_id:
        raise HTTPException(status_code=404, detail="Triage run not found")
    return run


@router.post("/triage/{run_id}/cancel", response_model=RunOut)
async def cancel_triage(
    incident_id: str,
    run_id: str,
    background_tasks: BackgroundTasks,
    db: AsyncSession = Depends(get_db, scope="function"),
    parts: Parts = Depends(get_parts),
) -> TriageRun:
    await get_run(incident_id, run_id, db)
    incident = await found(db, incident_id)
    (run,) = await stop_triage(db, parts.jobs, incident=incident, stopped_by="api", run_id=run_id)
    background_tasks.add_task(run_triage, parts, run.id)
    return run


@router.get("/triage/{run_id}/report", response_model=Report)
async def get_report(incident_id: str, run_id: str, db: AsyncSession = Depends(get_db, scope="function")) -> Report:
    await get_run(incident_id, run_id, db)
    report = await triage_service.get_report(db, run_id)
    if report is None:
        raise HTTPException(status_code=404, detail="This triage run has no report")
    return report


@router.get("/triage/{run_id}/picture.{kind}", response_class=Response)
async def get_picture(
    incident_id: str,
    run_id: str,
    kind: Literal["svg", "png"],
    db: AsyncSession = Depends(get_db, scope="function"),
    parts: Parts = Depends(get_parts),
) -> Response:
    await get_run(incident_id, run_id, db)
    picture = await triage_service.get_picture(db, run_id)
    if picture is None:
        raise HTTPException(status_code=404, detail="This triage run has no picture")
    key = picture.svg_key if kind == "svg" else picture.png_key
    return Response(await parts.store.get_bytes(key), media_type=_PICTURE_TYPES[kind])


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(CHUNK_BYTES):
        yield chunk
