"""What Prometheus scrapes."""

from fastapi import APIRouter, Depends, Response
from prometheus_client import CONTENT_TYPE_LATEST

from bot.api.deps import get_parts
from bot.parts import Parts

router = APIRouter(tags=["health"])


@router.get("/metrics")
async def metrics(parts: Parts = Depends(get_parts)) -> Response:
    """Counters, histograms and gauges, in the text format of Prometheus."""
    await parts.gauges.refresh()
    return Response(parts.metrics.text(), media_type=CONTENT_TYPE_LATEST)
