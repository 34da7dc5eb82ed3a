"""The API over real sockets, around the loop of a daemon whose devices nobody plays."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from controller.app.daemon import Daemon
from controller.codec import snapshot_from_json
from controller.system_clock import SystemClock
from simulator.demo.config import free_ports

_CONFIG = """
[[circuits]]
id = "main"
limit_a = 25
background_a = 3

[[chargers]]
id = "garage"
kind = "lektrico"
host = "127.0.0.1"
port = {charger}

[database]
url = "sqlite:///{folder}/journal.sqlite"

[dashboard]
port = {port}
{more}
"""


@asynccontextmanager
async def served(folder: Path, more: str = "", env: dict[str, str] | None = None) -> AsyncIterator[str]:
    """Run a daemon and hand out the address of its API, once it answers."""
    charger, port = free_ports(2)
    config = folder / "config.toml"
    config.write_text(_CONFIG.format(folder=folder, charger=charger, port=port, more=more))
    daemon, clock = Daemon(config, SystemClock(), env or {}), SystemClock()
    address = f"http://127.0.0.1:{port}"
    async with asyncio.TaskGroup() as tasks, asyncio.timeout(30):
        running = tasks.create_task(daemon.run())
        async with httpx.AsyncClient(trust_env=False) as client:
            while True:
                try:
                    await client.get(f"{address}/healthz")
                    break
                except httpx.ConnectError:
                    await clock.sleep(0.05)
        try:
            yield address
        finally:
            daemon.stop()
            await running


@asynccontextmanager
async def asking(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with served(folder) as address, httpx.AsyncClient(base_url=address, trust_env=False) as client:
        yield client


async def test_the_api_tells_the_site_and_that_it_is_well(tmp_path: Path) -> None:
    async with asking(tmp_path) as client:
        health, status = await client.get("/healthz"), (await client.get("/api/v1/status")).json()

    assert health.status_code == 200
    assert health.json()["well"] is True
    assert status["circuits"][0]["background_a"] == [3, 3, 3]
    assert status["chargers"][0]["drawn_a"] is None


CAR = """
[[vehicles]]
id = "blue"
charger = "garage"
capacity_kwh = 75
kind = "tesla"
dialect = "fleet"
base_url = "http://127.0.0.1:1"
access_token_env = "TOKEN"
vehicle = "5YJ3E7EB0KF000001"
"""


async def test_the_api_tells_what_billed_calls_cost(tmp_path: Path) -> None:
    async with (
        served(tmp_path, CAR, {"TOKEN": "sesame-open"}) as address,
        httpx.AsyncClient(base_url=address, trust_env=False) as client,
    ):
        status = (await client.get("/api/v1/status")).json()

    told = status["usage"]["vehicle blue"]
    assert (told["cost"], told["budget"], told["currency"]) == (0.0, 10.0, "USD")
    assert "at most 10.00" in told["says"]
    assert "sesame" not in str(status)


async def test_the_api_explains_a_charger_and_knows_no_other(tmp_path: Path) -> None:
    async with asking(tmp_path) as client:
        known = await client.get("/api/v1/chargers/garage/explain")
        unknown = await client.get("/api/v1/chargers/attic/explain")

    assert known.json()["would_help"]
    assert unknown.status_code == 404
    assert unknown.json()["detail"] == "unknown charger 'attic'; known: garage"


async def test_commands_are_in_force_on_the_next_tick(tmp_path: Path) -> None:
    async with asking(tmp_path) as client:
        for name, body in (
            ("mode", {"charger": "garage", "mode": "solar"}),
            ("limit_a", {"charger": "garage", "limit_a": 10, "ttl_s": 60}),
            ("site_limit_w", {"limit_w": 4200, "ttl_s": 60}),
        ):
            done = await client.post(f"/api/v1/commands/{name}", json=body)
            assert (done.status_code, done.json()) == (200, {"done": True}), name
        async with client.stream("GET", "/api/v1/events") as events:
            ticks = (json.loads(line[6:]) async for line in events.aiter_lines() if line[:6] == "data: ")
            report = await _first_capped(ticks)

    charger = report["chargers"][0]
    assert (charger["mode"], charger["ceiling_a"], report["operator_cap_w"]) == ("solar", 10, 4200)


async def _first_capped(ticks: AsyncIterator[dict[str, Any]]) -> dict[str, Any]:
    async for report in ticks:
        if report["operator_cap_w"] is not None:
            return report
    pytest.fail("the events ended")


REFUSED: tuple[tuple[str, dict[str, object]], ...] = (
    ("mode", {"charger": "garage", "mode": "warp"}),
    ("mode", {"charger": "attic", "mode": "solar"}),
    ("limit_a", {"charger": "garage", "limit_a": 99}),
    ("boost", {"charger": "garage", "minutes": 100_000}),
    ("boost", {"charger": "garage", "minutes": 30, "hours": 1}),
    ("plan", {"charger": "garage", "energy_kwh": 20, "by": "2020-01-01T00:00:00Z"}),
    ("plan", {"charger": "garage", "energy_kwh": 20, "by": "2030-01-01T00:00:00"}),
    ("parameter", {"mode": "solar", "policy": "solar_surplus", "parameter": "start_w", "value": -1}),
    ("site_limit_w", {"limit_w": -1, "ttl_s": 60}),
)


async def test_a_command_out_of_bounds_is_refused_with_its_reason(tmp_path: Path) -> None:
    async with asking(tmp_path) as client:
        for name, body in REFUSED:
            refused = await client.post(f"/api/v1/commands/{name}", json=body)

            assert refused.status_code == 422, body
            assert refused.json()["detail"], body
        status = (await client.get("/api/v1/status")).json()

    assert status["chargers"][0]["mode"] == "fast"
    assert status["operator_cap_w"] is None


async def test_a_charger_is_declared_out_of_service_and_back(tmp_path: Path) -> None:
    async with asking(tmp_path) as client:
        await client.put("/api/v1/chargers/garage/out_of_service")
        unknown = await client.put("/api/v1/chargers/attic/out_of_service")
        back = await client.delete("/api/v1/chargers/garage/out_of_service")

    assert unknown.status_code == 422
    assert back.json() == {"done": True}


async def test_the_latest_snapshot_can_be_decided_again(tmp_path: Path) -> None:
    async with asking(tmp_path) as client:
        text = (await client.get("/api/v1/snapshot")).content

    assert snapshot_from_json(text).site.id == "home"


async def test_the_pages_load_nothing_from_elsewhere(tmp_path: Path) -> None:
    async with asking(tmp_path) as client:
        pages = [await client.get(path) for path in ("/", "/api/docs")]

    for page in pages:
        assert page.status_code == 200
        assert "<script" not in page.text
        assert "http" not in page.text.replace("http-equiv", "")
        assert page.headers["content-security-policy"].startswith("default-src 'self'")


async def test_the_list_of_endpoints_names_every_one(tmp_path: Path) -> None:
    async with asking(tmp_path) as client:
        docs = (await client.get("/api/docs")).text
        paths = (await client.get("/api/v1/openapi.json")).json()["paths"]

    assert "/api/v1/commands/boost" in paths
    assert all(path in docs for path in paths)


async def test_a_number_that_is_none_is_refused_like_any_other(tmp_path: Path) -> None:
    async with asking(tmp_path) as client:
        refused = await client.post(
            "/api/v1/commands/limit_a",
            content=b'{"charger": "garage", "limit_a": NaN}',
            headers={"Content-Type": "application/json"},
        )

    assert refused.status_code == 422
    assert refused.json()["detail"][0]["loc"] == ["body", "limit_a"]


async def test_a_foreign_host_name_is_refused_on_loopback_and_our_own_are_served(tmp_path: Path) -> None:
    foreign = ("evil.example", "evil.example:8510", "192.168.1.5", "localhost.evil.example", "")
    own = ("localhost:8510", "127.0.0.1", "[::1]:8510", "LOCALHOST")
    async with asking(tmp_path) as client:
        refused = [
            (await client.get("/api/v1/status", headers={"Host": host})).status_code for host in foreign
        ]
        served = [(await client.get("/api/v1/status", headers={"Host": host})).status_code for host in own]

    assert set(refused) == {421}
    assert set(served) == {200}


async def test_a_command_from_a_foreign_page_is_refused(tmp_path: Path) -> None:
    path = "/api/v1/chargers/garage/out_of_service"
    async with asking(tmp_path) as client:
        for header in (
            {"Origin": "http://evil.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
        ):
            assert (await client.put(path, headers=header)).status_code == 403, header
        status = (await client.get("/api/v1/status")).json()
        ours = await client.put(path, headers={"Origin": str(client.base_url).rstrip("/")})

    assert status["out_of_service"] == []
    assert ours.status_code == 200


async def test_a_configured_password_is_asked_for_everywhere_but_at_health(tmp_path: Path) -> None:
    more, env = 'password_env = "DOOR"', {"DOOR": "open sesame"}
    async with served(tmp_path, more, env) as address, httpx.AsyncClient(trust_env=False) as client:
        nobody = await client.get(f"{address}/api/v1/status")
        wrong = await client.get(f"{address}/api/v1/status", auth=("me", "sesame"))
        nonsense = await client.get(f"{address}/", headers={"Authorization": "Basic ???"})
        right = await client.get(f"{address}/api/v1/status", auth=("me", "open sesame"))
        health = await client.get(f"{address}/healthz")

    assert [one.status_code for one in (nobody, wrong, nonsense, right, health)] == [401, 401, 401, 200, 200]
    assert nobody.headers["www-authenticate"].startswith("Basic")
    assert base64.b64encode(b"open sesame").decode() not in wrong.text


async def test_a_daemon_that_leaves_ends_its_events(tmp_path: Path) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        lines: list[str] = []
        begun = asyncio.Event()

        async def listen(address: str) -> None:
            async with client.stream("GET", f"{address}/api/v1/events", timeout=20) as events:
                begun.set()
                lines.extend([line async for line in events.aiter_lines()])

        async with asyncio.TaskGroup() as tasks:
            async with served(tmp_path) as address:
                listening = tasks.create_task(listen(address))
                await begun.wait()
            await listening

    assert lines[0] == "event: tick"
