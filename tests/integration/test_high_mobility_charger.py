import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path as FilePath
from typing import Any

import pytest

from adapters.chargers.high_mobility.cloud import Cloud
from controller.domain.readings import Plug
from controller.domain.site import ChargerSpec, Circuit, Site
from controller.domain.units import ChargerId, CircuitId
from controller.errors import CredentialsError, DeviceError, DeviceNonsense, DeviceRefused, DeviceUnreachable
from controller.system_clock import SystemClock
from simulator.chargers.high_mobility import HighMobilityTwin
from simulator.chargers.high_mobility_faults import Faults
from simulator.chargers.high_mobility_keys import granted, made_up_app, new_key
from simulator.chargers.web import WebReply, WebRequest, WebServer
from simulator.clock import ScaledClock
from simulator.house.base_load import SteadyLoad
from simulator.house.car import ORDINARY, Car
from simulator.house.house import House
from simulator.house.sockets import wire
from tests.contracts.bench import PATIENCE_S
from tests.contracts.high_mobility_bench import HighMobilityBench, Path, charger_of
from tests.fakes.clock import FakeClock

MONDAY_NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
PATHS: tuple[Path, ...] = ("telematics", "rest")


@asynccontextmanager
async def bench_with(
    faults: Faults | None = None,
    path: Path = "telematics",
    phases: tuple[int, ...] = (2, 3, 1),
    **own: Any,  # noqa: ANN401 - settings of the adapter
) -> AsyncIterator[HighMobilityBench]:
    async with HighMobilityTwin() as twin:
        twin.faults = faults or Faults()
        bench = HighMobilityBench(twin, charger_of(twin, path=path, phases=phases, **own))
        async with bench.running():
            yield bench


@pytest.mark.parametrize(
    ("faults", "why"),
    [
        (Faults(wrong_hmac=True), "HMAC"),
        (Faults(other_sender=True), "serial"),
        (Faults(replays=True), "seen before"),
        (Faults(same_nonce=True), "nonce that was used"),
        (Faults(payload=b"\x0d"), "1 bytes"),
        (Faults(payload=b"\x0d\x00\x33\x01"), "capability"),
        (Faults(error_code=0x3608), "HMAC"),
        (Faults(telematics="timeout"), "did not answer"),
        (Faults(telematics="error"), "error"),
        (Faults(status=500), "HTTP 500"),
        (Faults(body=b'{"nonce": "!!"}'), "base64"),
        (Faults(body=b"[]"), "without"),
    ],
)
async def test_an_answer_that_is_not_proven_loses_the_charger_until_it_is(faults: Faults, why: str) -> None:
    async with bench_with() as bench:
        await bench.heard.polled_anew(1)
        bench.twin.faults = faults

        lost = await bench.until_lost()
        with pytest.raises(DeviceError) as failed:
            await bench.charger.set_limit(8.0)
        bench.heal()
        state = await bench.heard.polled_anew()

        assert why in lost
        assert not isinstance(failed.value, DeviceRefused)
        assert state.plug is Plug.A


async def test_a_container_is_opened_once() -> None:
    async with bench_with(Faults(same_nonce=True)) as bench:
        lost = await bench.until_lost()

        assert "nonce" in lost
        assert bench.twin.calls.count("getState") <= 1


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("reason", ["rate_limit", "pending"])
async def test_a_busy_charger_is_asked_less_and_keeps_its_last_state(path: Path, reason: str) -> None:
    async with bench_with(path=path) as bench:
        await bench.heard.polled_anew(1)
        bench.twin.faults = Faults(failing={"chargeCurrent": reason})
        await bench.twin.until_called("getState")
        await bench.twin.until_called("getState")
        told = len(bench.heard.states)
        await bench.twin.until_called("getState")
        silent = len(bench.heard.states) == told
        bench.heal()

        await bench.heard.polled_anew()

        assert silent
        assert not bench.lost


async def test_a_side_matter_that_is_busy_hides_no_state() -> None:
    async with bench_with(Faults(failing={"chargingPower": "rate_limit"})) as bench:
        state = await bench.heard.polled_anew(2)

        assert (state.plug, state.limit_a, state.power_w) == (Plug.A, 16.0, None)


@pytest.mark.parametrize("path", PATHS)
async def test_a_property_that_fails_is_unknown_and_the_others_are_told(path: Path) -> None:
    async with bench_with(Faults(failing={"chargingStatus": "oem_error"}), path) as bench:
        state = await bench.heard.polled_anew(1)

        assert (state.plug, state.limit_a) == (Plug.UNKNOWN, 16.0)


async def test_stale_values_are_no_values() -> None:
    async with bench_with() as bench:
        await bench.heard.polled_anew(1)
        bench.twin.faults = Faults(stale_s=120.0)

        state = await bench.heard.until(lambda state: state.limit_a is None)

        assert state.plug is Plug.UNKNOWN


async def test_a_read_back_that_is_older_than_the_write_confirms_nothing() -> None:
    async with bench_with(clock_skew_s=0.5) as bench:
        await bench.charger.set_limit(8.0)
        bench.twin.faults = Faults(stale_s=30.0, ignores_current=True)

        await bench.charger.set_limit(12.0)
        state = await bench.heard.polled_anew()

        assert state.limit_a is None


async def test_a_charger_that_does_not_keep_a_limit_is_seen() -> None:
    async with bench_with(Faults(ignores_current=True)) as bench:
        await bench.charger.set_limit(8.0)

        state = await bench.heard.until(lambda state: state.limit_a is not None)

        assert state.limit_a == 16.0


@pytest.mark.parametrize("faults", [Faults(milliamperes=True), Faults(no_timestamps=True)])
@pytest.mark.parametrize("path", PATHS)
async def test_other_units_and_no_timestamps_are_understood(path: Path, faults: Faults) -> None:
    async with bench_with(faults, path) as bench:
        answered_mono_s = await bench.charger.set_limit(13.0)

        state = await bench.heard.until(lambda state: state.limit_a == 13.0)

        assert state.at_mono_s >= answered_mono_s


async def test_a_charger_is_asked_only_as_often_as_it_says() -> None:
    async with HighMobilityTwin() as twin:
        twin.device.rates_hz = {"chargingStatus": 4.0}
        bench = HighMobilityBench(twin, charger_of(twin))
        async with bench.running():
            await bench.heard.polled_anew(4)
            polls, span_s = (
                len(bench.heard.states),
                bench.heard.latest.at_mono_s - bench.heard.states[0].at_mono_s,
            )

        assert span_s >= 0.2 * (polls - 1)
        assert not bench.lost


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("invalid_command", DeviceRefused),
        ("rate_limit", DeviceRefused),
        ("unauthorised", DeviceRefused),
        ("pending", DeviceUnreachable),
        ("vehicle_asleep", DeviceUnreachable),
        ("oem_error", DeviceNonsense),
    ],
)
async def test_a_limit_that_fails_says_whether_it_may_have_arrived(
    path: Path, reason: str, kind: type[DeviceError]
) -> None:
    async with HighMobilityTwin() as twin:
        twin.faults = Faults(refuse=reason)

        with pytest.raises(kind):
            await charger_of(twin, path=path).set_limit(8.0)


async def test_a_limit_that_goes_first_at_the_very_start_loses_nobody() -> None:
    async with bench_with(Faults(only=frozenset({"getAvailability"}), delay_s=0.3)) as bench:
        await bench.twin.until_called("getAvailability")
        await bench.charger.set_limit(9.0)

        await bench.heard.polled_anew()

        assert not bench.lost


async def test_a_limit_below_the_chargers_own_minimum_becomes_that() -> None:
    async with bench_with() as bench:
        bench.twin.device.minimum_a = 10.0
        await bench.heard.polled_anew()

        await bench.charger.set_limit(8.0)

        assert bench.holds_a() == 10.0
        assert (await bench.heard.until(lambda state: state.limit_a == 10.0)).limit_a == 10.0


async def test_a_minimum_above_the_configured_one_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    async with bench_with() as bench:
        bench.twin.device.minimum_a = 10.0
        await bench.heard.polled_anew(4)

    said = [record.message for record in caplog.records if "min_a" in record.message]
    assert said == ["bay: takes no less than 10 A, min_a is 6: set it to that"]


@pytest.mark.parametrize(("path", "version"), [("telematics", "auto-api level 13"), ("rest", "REST v5")])
async def test_a_probe_names_the_version_that_it_heard(path: Path, version: str) -> None:
    async with HighMobilityTwin() as twin:
        assert (await charger_of(twin, path=path).probe()).version == version


async def test_a_single_phase_charger_tells_its_draw_from_its_power() -> None:
    async with bench_with(phases=(2,)) as bench:
        bench.plug_in()
        bench.draw((10.0, 0.0, 0.0))

        state = await bench.heard.until(lambda state: state.plug is Plug.C)

        assert state.draw_a == pytest.approx((0.0, 10.0, 0.0))


async def test_a_certificate_is_fetched_once_for_many_commands() -> None:
    async with HighMobilityTwin() as twin:
        charger = charger_of(twin)

        for limit_a in (8.0, 9.0, 10.0):
            await charger.set_limit(limit_a)

        assert twin.calls.count("access_certificates") == 1
        assert twin.calls.count("nonces") == 6


async def test_a_certificate_is_fetched_anew_after_an_hour() -> None:
    clock = FakeClock()
    async with HighMobilityTwin(clock=clock) as twin:
        charger = charger_of(twin, clock)
        await charger.set_limit(8.0)
        await clock.advance(3_601.0)
        await charger.set_limit(9.0)

        assert twin.calls.count("access_certificates") == 2


async def test_a_charger_that_was_paired_anew_is_found_by_another_certificate() -> None:
    async with HighMobilityTwin() as twin:
        charger = charger_of(twin)
        await charger.set_limit(8.0)
        twin.telematics.serial, twin.telematics.key = bytes(9), new_key()
        with pytest.raises(DeviceRefused, match="does not reach such a charger"):
            await charger.set_limit(9.0)

        await charger.set_limit(10.0)

        assert twin.device.current_a == 10.0


async def test_what_keeps_it_from_telling_its_pace_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        async with bench_with(Faults(telematics="error")) as bench:
            for _ in range(3):
                await bench.twin.until_called("getAvailability")
            await bench.twin.until_called("getState")

    assert sum("how often it may be asked" in record.message for record in caplog.records) == 1


async def test_a_certificate_that_is_over_is_the_operators_to_put_right() -> None:
    clock = FakeClock()
    async with HighMobilityTwin(clock=clock) as twin:
        entry = granted(twin.app, twin.telematics.serial, twin.telematics.key.public_key(), clock.now())
        text = b64encode(entry.encoded()).decode()
        charger = charger_of(twin, clock, access_token=None, access_certificate=text)
        await charger.set_limit(8.0)
        await clock.advance(86_400.0)

        with pytest.raises(CredentialsError, match="until 2026-06-02"):
            await charger.probe()

        assert "access_certificates" not in twin.calls


@pytest.mark.parametrize("path", PATHS)
async def test_a_token_that_is_not_accepted_is_the_operators_to_put_right(path: Path) -> None:
    async with HighMobilityTwin() as twin:
        charger = charger_of(twin, path=path, access_token="stolen")

        with pytest.raises(CredentialsError) as refused:
            await charger.probe()
        with pytest.raises(DeviceRefused):
            await charger.set_limit(8.0)

        assert "stolen" not in str(refused.value)


def renewing(twin: HighMobilityTwin, folder: FilePath) -> dict[str, Any]:
    return {
        "access_token": "ended",
        "refresh_token": twin.app.refresh_token,
        "token_file": str(folder / "tokens.json"),
        "client_id": "phasewise",
        "client_secret": "hush",
        "sign_on_url": twin.sign_on_url,
    }


@pytest.mark.parametrize("path", PATHS)
async def test_a_token_that_has_ended_is_renewed_and_kept(path: Path, tmp_path: FilePath) -> None:
    async with HighMobilityTwin() as twin:
        own = renewing(twin, tmp_path)
        await charger_of(twin, path=path, **own).set_limit(8.0)
        renewals = twin.calls.count("access_tokens")
        await charger_of(twin, path=path, **own).set_limit(9.0)

        assert (renewals, twin.calls.count("access_tokens")) == (1, 1)
        assert twin.device.current_a == 9.0


async def test_a_renewal_that_helps_nobody_is_not_repeated_at_once(tmp_path: FilePath) -> None:
    async with HighMobilityTwin() as twin:
        own = renewing(twin, tmp_path) | {"client_serial": "0a"}
        charger = charger_of(twin, path="rest", **own)

        for _ in range(3):
            with pytest.raises(CredentialsError):
                await charger.probe()

        assert twin.calls.count("access_tokens") == 1


@pytest.mark.parametrize("path", PATHS)
async def test_another_key_opens_nothing(path: Path) -> None:
    async with HighMobilityTwin() as twin:
        charger = charger_of(twin, path=path, private_key=made_up_app().private)

        with pytest.raises(CredentialsError):
            await charger.probe()

        assert twin.device.current_a == 16.0


async def test_a_secret_that_the_service_repeats_goes_no_further() -> None:
    async with HighMobilityTwin() as twin:
        token = twin.app.access_token
        twin.faults = Faults(
            body=b'{"status": "timeout", "message": "%s"}' % token.encode(), only=frozenset({"set"})
        )

        with pytest.raises(DeviceUnreachable) as failed:
            await charger_of(twin).set_limit(8.0)

        assert token not in str(failed.value)
        assert "***" in str(failed.value)


SECRET = 'a/secret"with\\signs€'
PROOF = "header.claims-with-the-token.signature"


@pytest.mark.parametrize(
    "written",
    [json.dumps(SECRET), json.dumps(SECRET, ensure_ascii=False), json.dumps(SECRET).replace("/", "\\/")],
    ids=["ASCII", "UTF-8", "escaped slashes"],
)
async def test_a_secret_goes_no_further_however_the_service_writes_it(written: str) -> None:
    async def echo(_: WebRequest) -> WebReply:
        return WebReply(status=404, body=f'{{"title": {written}, "detail": "{PROOF}"}}'.encode())

    server = WebServer(echo)
    await server.start()
    try:
        cloud = Cloud(
            f"http://127.0.0.1:{server.port}", timeout_s=PATIENCE_S, patience_s=1.0, secrets=[SECRET]
        )
        async with cloud.turn(urgent=False):
            reply = await cloud.ask("GET", "/x", headers={"Authorization": f"Bearer {PROOF}"})
    finally:
        await server.stop()

    assert reply.content == {"title": "***", "detail": "***"}


async def test_an_answer_without_an_end_is_nonsense_at_once() -> None:
    async def pour(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        with suppress(ConnectionError):
            while True:
                writer.write(b" " * 65_536)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(pour, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        cloud = Cloud(f"http://127.0.0.1:{port}", timeout_s=PATIENCE_S, patience_s=1.0)
        with pytest.raises(DeviceNonsense, match="more than"):
            async with cloud.turn(urgent=False):
                await cloud.ask("GET", "/x")


async def test_a_clock_that_is_off_is_refused_by_rest() -> None:
    clock = ScaledClock(SystemClock(), starts=MONDAY_NOON)
    async with HighMobilityTwin(clock=clock) as twin:
        with pytest.raises(CredentialsError, match="expired"):
            await charger_of(twin, SystemClock(), path="rest").probe()


@pytest.mark.parametrize("path", PATHS)
async def test_every_request_has_its_own_proof(path: Path) -> None:
    async with bench_with(path=path) as bench:
        for limit_a in (8.0, 10.0, 12.0):
            await bench.charger.set_limit(limit_a)
            await bench.heard.polled_anew(1)

        assert not bench.lost


async def test_a_probe_warns_of_what_it_found() -> None:
    async with HighMobilityTwin() as twin:
        twin.device.minimum_a = 8.0
        twin.device.words["solarCharging"] = "active"
        twin.faults = Faults(failing={"plugType": "oem_error"}, hidden=frozenset({"chargeCurrent"}))

        warnings = "\n".join((await charger_of(twin).probe()).warnings)

        for fact in ("cannot be paused", "does not tell", "min_a = 8", "solar charging", "plugType"):
            assert fact in warnings


async def test_a_car_follows_the_current_that_the_cloud_set() -> None:
    spec = ChargerSpec(id=ChargerId("bay"), circuit=CircuitId("main"))
    site = Site(circuits=(Circuit(id=spec.circuit, limit_a=(25.0, 25.0, 25.0)),), chargers=(spec,))
    house = House(
        site, starts=MONDAY_NOON, base_loads={spec.circuit: (SteadyLoad((0.0, 0.0, 0.0)),)}, sag_v_per_a=0.0
    )
    async with HighMobilityTwin() as twin:
        wiring = wire(house, {spec.id: twin})
        house.plug_in(spec.id, Car(ORDINARY))

        await charger_of(twin).set_limit(9.0)
        for _ in range(300):
            wiring.step(0.1)

        assert house.root.currents_a == pytest.approx((9.0, 9.0, 9.0))
        assert twin.device.status == "charging"


async def test_questions_and_limits_at_once_do_not_mix_up_their_answers() -> None:
    async with HighMobilityTwin() as twin:
        charger = charger_of(twin, give_way_s=1.0)
        told: list[object] = []

        async def ask() -> None:
            told.append(await charger.commands["get_state"].call(properties="plugType"))

        async with asyncio.TaskGroup() as group:
            for _ in range(3):
                group.create_task(ask())
            for limit_a in (8.0, 9.0):
                group.create_task(charger.set_limit(limit_a))

        assert [list(state) for state in told if isinstance(state, dict)] == [["plugType"]] * 3
        assert twin.device.current_a == 9.0
