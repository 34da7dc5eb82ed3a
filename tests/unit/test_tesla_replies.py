"""What the reply to a command means: code, text and reason are judged together."""

from typing import Final

import pytest

from adapters.chargers.tesla.outcomes import CommandOutcome, CommandResult
from adapters.chargers.tesla.replies import AsleepError, LimitedError, command_result, error_of, quiet_s
from controller.errors import CredentialsError, DeviceRefused, DeviceUnreachable
from simulator.chargers.tesla_commands import COMMANDS
from tests.unit.tesla_said import refused, reply

PROXY = "car could not execute command: "
BLE = f"failed to start charge: {PROXY}"


def test_true_is_done() -> None:
    told = reply({"response": {"result": True, "reason": ""}})

    assert command_result(told, "charge_start").outcome is CommandOutcome.DONE


def test_two_hundred_alone_means_nothing() -> None:
    assert command_result(refused("user_not_present"), "charge_start").outcome is CommandOutcome.REJECTED


@pytest.mark.parametrize("prefix", ["", PROXY, BLE])
@pytest.mark.parametrize(
    ("command", "reason", "outcome"),
    [
        ("charge_start", "is_charging", CommandOutcome.ALREADY),
        ("charge_start", "charging", CommandOutcome.ALREADY),
        ("charge_start", "already_started", CommandOutcome.ALREADY),
        ("charge_start", "requested", CommandOutcome.PENDING),
        ("charge_start", "complete", CommandOutcome.SATISFIED),
        ("charge_start", "disconnected", CommandOutcome.NOT_CONNECTED),
        ("charge_start", "no_power", CommandOutcome.NO_POWER),
        ("charge_stop", "not_charging", CommandOutcome.ALREADY),
        ("charge_stop", "disconnected", CommandOutcome.NOT_CONNECTED),
        ("set_charge_limit", "already_set", CommandOutcome.ALREADY),
        ("charge_standard", "already_standard", CommandOutcome.ALREADY),
        ("charge_max_range", "already_max_range", CommandOutcome.ALREADY),
        ("set_charging_amps", "could_not_wake_buses", CommandOutcome.BUSY),
        ("charge_stop", "MESSAGEFAULT_ERROR_BUSY", CommandOutcome.BUSY),
        ("charge_start", "mobile_access_disabled", CommandOutcome.CONFIGURE),
        ("charge_start", "something new", CommandOutcome.REJECTED),
    ],
)
def test_reasons_mean_the_same_in_every_dialect(
    prefix: str, command: str, reason: str, outcome: CommandOutcome
) -> None:
    assert command_result(refused(prefix + reason), command).outcome is outcome


_GOOD_AFTER: Final = {
    "is_charging": "charge_start",
    "charging": "charge_start",
    "already_started": "charge_start",
    "requested": "charge_start",
    "complete": "charge_start",
    "not_charging": "charge_stop",
    "already_set": "set_charge_limit",
    "already_standard": "charge_standard",
    "already_max_range": "charge_max_range",
}


@pytest.mark.parametrize("prefix", ["", PROXY])
@pytest.mark.parametrize("command", sorted(COMMANDS))
@pytest.mark.parametrize("reason", sorted(_GOOD_AFTER))
def test_a_reason_is_good_after_the_command_that_it_belongs_to_alone(
    prefix: str, command: str, reason: str
) -> None:
    outcome = command_result(refused(prefix + reason), command).outcome

    assert outcome.is_good is (_GOOD_AFTER[reason] == command)
    assert outcome.is_good or outcome is CommandOutcome.REJECTED


@pytest.mark.parametrize(
    ("command", "reason"), [("charge_stop", "is_charging"), ("set_charging_amps", "complete")]
)
def test_bluetooth_that_brings_the_word_of_another_command_brings_a_refusal(
    command: str, reason: str
) -> None:
    told = refused(f"failed to do it: {PROXY}{reason}", 503)

    assert command_result(told, command).outcome is CommandOutcome.REJECTED


def test_a_reason_may_stand_under_another_key() -> None:
    told = reply({"response": {"string": "complete", "result": False}})

    assert command_result(told, "charge_start").outcome is CommandOutcome.SATISFIED


def test_a_bluetooth_refusal_comes_as_503() -> None:
    told = refused(BLE + "complete", 503)

    assert command_result(told, "charge_start").outcome is CommandOutcome.SATISFIED


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        ("vehicle is sleeping", CommandOutcome.ASLEEP),
        ("Vehicle is not in range: context deadline exceeded", CommandOutcome.ASLEEP),
        ("vehicle sleep status unknown and wakeup not requested", CommandOutcome.ASLEEP),
        ("BleControl is not initialized. Maybe private.pem is missing.", CommandOutcome.CONFIGURE),
        ("failed to stop charge: context deadline exceeded", CommandOutcome.TROUBLE),
        ("failed to connect to vehicle (A): closed pipe", CommandOutcome.TROUBLE),
        (f"failed to stop charge: {PROXY}something new", CommandOutcome.REJECTED),
    ],
)
def test_a_bluetooth_proxy_that_lost_track_of_a_command_is_no_refusal(
    reason: str, outcome: CommandOutcome
) -> None:
    assert command_result(refused(reason, 503), "charge_stop").outcome is outcome


@pytest.mark.parametrize(
    ("status", "error", "outcome"),
    [
        (400, "invalid_command", CommandOutcome.UNSUPPORTED),
        (400, "invalid_request", CommandOutcome.REJECTED),
        (401, "", CommandOutcome.SIGN_ON),
        (401, "mobile_access_disabled", CommandOutcome.CONFIGURE),
        (401, "login_required", CommandOutcome.SIGN_ON),
        (402, "payment required", CommandOutcome.CONFIGURE),
        (403, "Unauthorized missing scopes", CommandOutcome.CONFIGURE),
        (403, "Tesla Vehicle Command Protocol required, please refer to: x", CommandOutcome.UNSUPPORTED),
        (404, "not_found", CommandOutcome.REJECTED),
        (408, "vehicle unavailable: vehicle is offline or asleep", CommandOutcome.ASLEEP),
        (408, 'vehicle unavailable: {:error=>"vehicle unavailable:"}', CommandOutcome.ASLEEP),
        (412, "precondition", CommandOutcome.REJECTED),
        (421, "use base URL: https://x", CommandOutcome.REGION),
        (422, "", CommandOutcome.UNSUPPORTED),
        (429, "", CommandOutcome.LIMITED),
        (500, "vehicle unavailable: vehicle is offline or asleep", CommandOutcome.ASLEEP),
        (500, "vehicle rejected request: your public key has not been paired with the vehicle",
         CommandOutcome.CONFIGURE),
        (500, "context deadline exceeded", CommandOutcome.TROUBLE),
        (500, "complete", CommandOutcome.TROUBLE),
        (503, "", CommandOutcome.TROUBLE),
        (540, "device error", CommandOutcome.TROUBLE),
    ],
)  # fmt: skip
def test_code_and_text_are_judged_together(status: int, error: str, outcome: CommandOutcome) -> None:
    told = reply({"response": None, "error": error, "error_description": ""}, status)

    assert command_result(told, "charge_start").outcome is outcome


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (CommandOutcome.ASLEEP, AsleepError),
        (CommandOutcome.LIMITED, LimitedError),
        (CommandOutcome.SIGN_ON, CredentialsError),
        (CommandOutcome.TROUBLE, DeviceUnreachable),
        (CommandOutcome.REJECTED, DeviceRefused),
        (CommandOutcome.CONFIGURE, DeviceRefused),
    ],
)
def test_every_bad_outcome_has_its_error(outcome: CommandOutcome, kind: type[Exception]) -> None:
    assert isinstance(error_of(CommandResult(outcome=outcome, reason="x")), kind)


def test_a_rate_limit_is_never_shorter_than_it_says() -> None:
    told = command_result(reply({"error": "limit"}, 429, retry_after="43200"), "charge_start")

    assert (told.outcome, told.retry_after_s) == (CommandOutcome.LIMITED, 43200.0)


@pytest.mark.parametrize(
    "headers", [{"ratelimit-day-reset": "7"}, {"ratelimit-reset": "7"}, {"retry-after": "7"}]
)
def test_the_reset_time_has_three_spellings(headers: dict[str, str]) -> None:
    assert quiet_s(headers) == 7.0


def test_a_date_to_come_back_at_is_judged_by_the_services_own_clock() -> None:
    headers = {"retry-after": "Wed, 10 Jun 2026 14:00:00 GMT", "date": "Wed, 10 Jun 2026 12:00:00 GMT"}

    assert quiet_s(headers) == 7200.0


@pytest.mark.parametrize("after", ["soon", "Wed, 10 Jun 2026 14:00:00 GMT", "-5", "nan", ""])
def test_a_time_to_come_back_at_that_says_nothing_is_none(after: str) -> None:
    assert quiet_s({"retry-after": after}) is None
