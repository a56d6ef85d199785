"""What endpoints depend on: a session that commits, the parts wired at start, paging, and who may call."""

import secrets
from collections.abc import AsyncIterator

from fastapi import HTTPException, Request
from sqlalchemy.ext.asyncio import AsyncSession

from bot.parts import Parts
from bot.settings import is_loopback

READING = frozenset({"GET", "HEAD"})


def get_parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


async def get_db(request: Request) -> AsyncIterator[AsyncSession]:
    """A session for this request, committed when the endpoint has succeeded.

    Depend on it with `scope="function"`: the commit then comes before the response and before background tasks; with
    the default scope a failing commit would still be answered with 200.
    """
    database = get_parts(request).database
    reads = request.method in READING
    async with database.read() if reads else database.write() as session:
        yield session
        if not reads:
            await session.commit()


async def require_caller(request: Request) -> None:
    """The bearer token where one is set; without one only callers on this machine, and no proxy in between."""
    settings = get_parts(request).settings
    if settings.api_token:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not secrets.compare_digest(given.encode(), settings.api_token.encode()):
            raise HTTPException(401, detail="Give the token TRIAGE_API_TOKEN names as: Authorization: Bearer <token>")
    elif _comes_from_elsewhere(request) or not is_loopback(settings.host):
        raise HTTPException(401, detail="Set TRIAGE_API_TOKEN to open the API beyond this machine")


def _comes_from_elsewhere(request: Request) -> bool:
    """Through a proxy that says so, or from a page of another site in a browser on this machine."""
    if "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        return True
    site = request.headers.get("sec-fetch-site")  # every browser sends it, and no page can set it
    return site is not None and (site not in ("same-origin", "none") or not is_loopback(request.url.hostname or ""))
