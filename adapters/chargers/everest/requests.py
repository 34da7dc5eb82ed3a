"""Arguments of commands, checked before they are sent: what EVerest cannot read ends it; pure."""

from collections.abc import Collection, Mapping
from typing import Final

from adapters.chargers.everest.dialect import MAIN, OLDEST, Version
from adapters.wire.everest import Json
from controller.errors import BadRequest

Words = Mapping[Version, tuple[str, ...]]
"""Words, by the first release that is known to know them: any other would end EVerest."""

STOP_REASONS: Final[Words] = {
    OLDEST: (
        *("EmergencyStop", "EVDisconnected", "HardReset", "Local", "Other", "PowerLoss", "Reboot", "Remote"),
        *("SoftReset", "UnlockCommand", "DeAuthorized"),
    ),
    (2023, 8, 0): (
        *("EnergyLimitReached", "GroundFault", "LocalOutOfCredit", "MasterPass", "OvercurrentFault"),
        *("PowerQuality", "SOCLimitReached", "StoppedByEV", "TimeLimitReached", "Timeout"),
    ),
    (2025, 3, 0): ("ReqEnergyTransferRejected",),
    MAIN: ("EVSEDisabled",),
}
STATUSES: Final[Words] = {
    OLDEST: (
        *("Accepted", "Blocked", "ConcurrentTx", "Expired", "Invalid", "NoCredit", "NotAllowedTypeEVSE"),
        *("NotAtThisLocation", "NotAtThisTime", "Unknown"),
    ),
    (2025, 12, 0): ("PinRequired", "Timeout"),
}
AUTHORIZATIONS: Final[Words] = {
    OLDEST: ("OCPP", "RFID", "Autocharge", "PlugAndCharge"),
    (2024, 9, 1): ("BankCard",),
}
SOURCES: Final = (
    *("Unspecified", "LocalAPI", "LocalKeyLock", "ServiceTechnician", "RemoteKeyLock", "MobileApp"),
    *("FirmwareUpdate", "CSMS"),
)
ENABLE_STATES: Final = ("Unassigned", "Disable", "Enable")
ACTIONS: Final = ("Install", "Update")
CERTIFICATE_STATUSES: Final = ("Accepted", "Failed")
TRANSFER_MODES: Final[Words] = {
    OLDEST: (
        *("AC_single_phase_core", "AC_two_phase", "AC_three_phase_core", "DC_core", "DC_extended"),
        *("DC_combo_core", "DC_unique", "DC", "AC_BPT", "AC_BPT_DER", "DC_BPT", "DC_ACDP", "DC_ACDP_BPT"),
        "WPT",
    ),
    (2026, 2, 1): ("MCS", "MCS_BPT"),
}

_LONGEST_TOKEN: Final = 36
_LONGEST_EXI: Final = 5600
_LOWEST_PRIORITY: Final = 10_000

# 2023.5 and 2023.8 were read; the tags between them are inferred to change with the other types, in 2023.7.
_TYPE_RENAMED: Final = (2023, 7, 0)
_TOKENS_ARE_OBJECTS: Final = (2024, 3, 0)
_STOP_TAKES_TOKEN: Final = (2024, 1, 0)
# Inferred: 2023.8 has the old names, 2024.9.1 the new ones.
_EXI_RENAMED: Final = (2024, 9, 0)
_TARIFF_MESSAGES: Final = (2025, 5, 0)


def known(words: Words, version: Version) -> tuple[str, ...]:
    """Tell the words that a release knows."""
    return tuple(word for since, group in words.items() if version >= since for word in group)


def one_of(name: str, value: str, allowed: Collection[str]) -> str:
    """Check a word.

    Raises:
        BadRequest: EVerest knows no such word.
    """
    if value not in allowed:
        raise BadRequest(f"{name} = {value!r}: expected one of {', '.join(allowed)}")
    return value


def whole_number(name: str, value: object, most: int = 2**31 - 1) -> int:
    """Check a whole number from 0 to `most`.

    Raises:
        BadRequest: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise BadRequest(f"{name} = {value!r}: expected a whole number from 0 to {most}")
    return value


def stop_request(version: Version, reason: str, id_tag: str | None) -> dict[str, Json]:
    """Build a StopTransactionRequest."""
    request: dict[str, Json] = {"reason": one_of("reason", reason, known(STOP_REASONS, version))}
    if id_tag:
        request["id_tag"] = (
            token(version, id_tag, "RFID") if version >= _STOP_TAKES_TOKEN else _token_text(id_tag)
        )
    return request


def token(version: Version, id_token: str, authorization: str) -> dict[str, Json]:
    """Build a ProvidedIdToken."""
    value = _token_text(id_token)
    told: Json = {"value": value, "type": "Local"} if version >= _TOKENS_ARE_OBJECTS else value
    key = "authorization_type" if version >= _TYPE_RENAMED else "type"
    kind = one_of("authorization_type", authorization, known(AUTHORIZATIONS, version))
    return {"id_token": told, key: kind}


def authorization(version: Version, id_token: str, status: str, kind: str) -> dict[str, Json]:
    """Build the arguments of `authorize_response`."""
    result: dict[str, Json] = {"authorization_status": one_of("status", status, known(STATUSES, version))}
    if version >= _TARIFF_MESSAGES:
        result["tariff_messages"] = []
    return {"provided_token": token(version, id_token, kind), "validation_result": result}


def reservation(version: Version, reservation_id: int) -> dict[str, Json]:
    """Build the arguments of `reserve`."""
    del version
    return {"reservation_id": whole_number("reservation_id", reservation_id)}


def certificate(version: Version, status: str, action: str, exi_response: str | None) -> dict[str, Json]:
    """Build the arguments of `set_get_certificate_response`; up to 2024.8 its name lacks an `s`."""
    if exi_response is not None and len(exi_response) > _LONGEST_EXI:
        raise BadRequest(f"exi_response: expected at most {_LONGEST_EXI} characters")
    renamed = version >= _EXI_RENAMED
    content: dict[str, Json] = {
        "status": one_of("status", status, CERTIFICATE_STATUSES),
        "certificate_action" if renamed else "certificateAction": one_of("action", action, ACTIONS),
    }
    if exi_response is not None:
        content["exi_response" if renamed else "exiResponse"] = exi_response
    return {"certificate_response" if renamed else "certificate_reponse": content}


def enable_source(source: str, state: str, priority: int) -> dict[str, Json]:
    """Build an EnableDisableSource; 0 is the highest priority."""
    return {
        "enable_source": one_of("source", source, SOURCES),
        "enable_state": one_of("state", state, ENABLE_STATES),
        "enable_priority": whole_number("priority", priority, _LOWEST_PRIORITY),
    }


def transfer_modes(version: Version, modes: str) -> list[str]:
    """Read energy transfer modes from words with commas."""
    allowed = known(TRANSFER_MODES, version)
    return [one_of("modes", mode.strip(), allowed) for mode in modes.split(",")]


def plug_and_charge(told: Mapping[str, bool | None]) -> dict[str, Json]:
    """Build a PlugAndChargeConfiguration of what was said."""
    return {name: value for name, value in told.items() if value is not None}


def _token_text(value: str) -> str:
    if not 1 <= len(value) <= _LONGEST_TOKEN:
        raise BadRequest(f"id_token: expected 1 to {_LONGEST_TOKEN} characters")
    return value
