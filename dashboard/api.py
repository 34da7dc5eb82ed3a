"""API: what is asked over HTTP, answered from the loop's latest tick."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

from controller.codec import snapshot_json
from controller.desk import Desk
from controller.domain.snapshot import Snapshot
from controller.domain.units import ChargerId
from controller.domain.writes import Decision
from controller.ports import TellsUsage
from controller.report import explanation, site_report
from controller.settings import Settings
from controller.supervision import Watch
from dashboard.door import Door
from dashboard.feed import Feed
from dashboard.orders import orders
from dashboard.page import docs_page, status_page

# The loop ticks at least once a second; three missed beats and some are no longer well.
_HEALTHY_S = 5.0


def create_app(
    desk: Desk,
    settings: Settings,
    watches: Mapping[str, Watch],
    usages: Mapping[str, TellsUsage],
    feed: Feed,
) -> FastAPI:
    """Build the application around a running loop."""
    app = FastAPI(
        title="Phasewise",
        version=_version(),
        summary="What each charger of the site may draw, and why.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    app.add_exception_handler(RequestValidationError, _refused)
    app.add_middleware(Door, settings=settings.dashboard, site=settings.site.id)

    def told() -> dict[str, Any]:
        lost = {name: watch.lost for name, watch in watches.items() if watch.lost is not None}
        return {
            **site_report(*_latest(desk)),
            "version": _version(),
            "lost": lost,
            "usage": {name: asdict(device.usage()) for name, device in usages.items()},
            "warnings": list(settings.warnings),
        }

    app.include_router(_questions(desk, told))
    app.include_router(_stream(feed))
    app.include_router(orders(desk))
    app.include_router(_pages(app, desk, told))
    return app


async def _refused(_request: Request, error: Exception) -> Response:
    """Say what is wrong with a body, without the value: not every number of Python's is one of JSON's."""
    wrong = error.errors() if isinstance(error, RequestValidationError) else ()
    detail = [{"loc": one["loc"], "msg": one["msg"], "type": one["type"]} for one in wrong]
    return JSONResponse({"detail": detail}, status_code=422)


def _questions(desk: Desk, told: Callable[[], dict[str, Any]]) -> APIRouter:
    router = APIRouter(tags=["state"])

    @router.get("/healthz")
    async def healthz() -> Response:
        """Tell whether ticks are being made."""
        latest = desk.loop.latest
        age_s = None if latest is None else desk.clock.mono_s() - latest[1].mono_s
        well = age_s is not None and age_s < _HEALTHY_S
        return JSONResponse({"well": well, "age_s": age_s}, status_code=200 if well else 503)

    @router.get("/api/v1/status")
    async def status() -> dict[str, Any]:
        """Tell the site now: circuits, chargers, powers, lost devices, billed calls, warnings."""
        return told()

    @router.get("/api/v1/chargers/{charger}/explain")
    async def explain(charger: str) -> dict[str, Any]:
        """Tell why a charger gets what it gets, and what would change it."""
        snapshot, decision = _latest(desk)
        if charger not in snapshot.site.charger:
            known = ", ".join(snapshot.site.charger) or "none"
            raise HTTPException(404, f"unknown charger {charger!r}; known: {known}")
        return explanation(snapshot, decision, ChargerId(charger))

    @router.get("/api/v1/snapshot")
    async def snapshot() -> Response:
        """Tell everything that the latest tick looked at, for `phasewise decide` and for reports of bugs."""
        return Response(snapshot_json(_latest(desk)[0]), media_type="application/json")

    return router


def _stream(feed: Feed) -> APIRouter:
    router = APIRouter(tags=["state"])

    @router.get("/api/v1/events")
    async def events() -> Response:
        """Send the report of each tick as a server-sent event; a slow listener misses some."""
        if feed.full:
            raise HTTPException(503, "too many listeners")
        return StreamingResponse(feed.events(), media_type="text/event-stream")

    return router


def _pages(app: FastAPI, desk: Desk, told: Callable[[], dict[str, Any]]) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def page() -> HTMLResponse:
        return HTMLResponse(status_page(None if desk.loop.latest is None else told()))

    @router.get("/api/docs")
    async def docs() -> HTMLResponse:
        return HTMLResponse(docs_page(app.openapi()))

    return router


def _latest(desk: Desk) -> tuple[Snapshot, Decision]:
    latest = desk.loop.latest
    if latest is None:
        raise HTTPException(503, "no tick has been made yet")
    return latest


def _version() -> str:
    try:
        return version("phasewise")
    except PackageNotFoundError:
        return "unknown"
