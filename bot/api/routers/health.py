"""Is it alive, and can it work?"""

from fastapi import APIRouter, Depends, Response
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.api.deps import get_db

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(response: Response, db: AsyncSession = Depends(get_db, scope="function")) -> dict[str, str]:
    """The database answers too."""
    try:
        await db.execute(text("SELECT 1"))
    except OSError as error:
        response.status_code = 503
        return {"status": "the database cannot be reached", "reason": type(error).__name__}
    return {"status": "ready"}
