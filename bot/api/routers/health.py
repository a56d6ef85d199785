"""Is it alive, and can it work?"""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Response

from bot.api.deps import get_parts
from bot.observability.readiness import Standing
from bot.parts import Parts

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(response: Response, parts: Parts = Depends(get_parts)) -> dict[str, Any]:
    """Whether everything that the bot stands on works: each check with a sentence, and 503 where one fails."""
    return _answer(response, await parts.readiness.standings())


@router.get("/readyz/{check}")
async def readyz_check(response: Response, check: str, parts: Parts = Depends(get_parts)) -> dict[str, Any]:
    """One of the checks, for whoever cares for nothing else."""
    standing = await parts.readiness.standing(check)
    if standing is None:
        raise HTTPException(404, detail="There is no such check")
    return _answer(response, {check: standing})


def _answer(response: Response, standings: dict[str, Standing]) -> dict[str, Any]:
    ready = all(standing.ready for standing in standings.values())
    response.status_code = 200 if ready else 503
    checks = {name: asdict(standing) for name, standing in standings.items()}
    return {"status": "ready" if ready else "not ready", "checks": checks}
