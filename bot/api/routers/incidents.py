"""Incidents over HTTP."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, HTTPException, Query
from sqlalchemy.ext.asyncio import AsyncSession

from bot.api.deps import get_db, get_parts, require_caller
from bot.api.nudge import run_triage
from bot.parts import Parts
from models.incident import Incident
from models.schemas.incident import IncidentCreate, IncidentList, IncidentOut
from services.incidents import incident_service
from services.incidents.incident_service import IncidentPage

router = APIRouter(prefix="/incidents", tags=["incidents"], dependencies=[Depends(require_caller)])

Status = Annotated[str | None, Query(description="a status, or `open`")]


@router.post("", status_code=201, response_model=IncidentOut)
async def create_incident(
    data: IncidentCreate,
    background_tasks: BackgroundTasks,
    db: AsyncSession = Depends(get_db, scope="function"),
    parts: Parts = Depends(get_parts),
) -> Incident | None:
    data.channel = data.channel or parts.settings.incident_channel or None
    incident = await incident_service.create_incident(db, workspace=parts.workspace, **data.model_dump())
    background_tasks.add_task(run_triage, parts, incident.id)
    return await incident_service.get_incident(db, incident.id)


@router.get("", response_model=IncidentList)
async def list_incidents(
    db: AsyncSession = Depends(get_db, scope="function"),
    page: int = Query(1, ge=1),
    per_page: int = Query(20, ge=1, le=100),
    status: Status = None,
) -> IncidentPage:
    return await incident_service.list_incidents(db, page=page, per_page=per_page, status=status)


@router.get("/{incident_id}", response_model=IncidentOut)
async def get_incident(incident_id: str, db: AsyncSession = Depends(get_db, scope="function")) -> Incident:
    return await found(db, incident_id)


@router.post("/{incident_id}/acknowledge", response_model=IncidentOut)
async def acknowledge_incident(incident_id: str, db: AsyncSession = Depends(get_db, scope="function")) -> Incident:
    incident = await found(db, incident_id, lock=True)
    return (await incident_service.acknowledge_incident(db, incident, actor="api", source="api")).incident


@router.post("/{incident_id}/resolve", response_model=IncidentOut)
async def resolve_incident(incident_id: str, db: AsyncSession = Depends(get_db, scope="function")) -> Incident:
    incident = await found(db, incident_id, lock=True)
    return (await incident_service.resolve_incident(db, incident, actor="api", source="api")).incident


async def found(db: AsyncSession, incident_id: str, *, lock: bool = False) -> Incident:
    incident = await incident_service.get_incident(db, incident_id, lock=lock)
    if incident is None:
        raise HTTPException(status_code=404, detail="Incident not found")
    return incident
