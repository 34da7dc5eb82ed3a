"""The telematics service before a simulated Home Charger: certificates, nonces, containers."""

import binascii
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Final

from adapters.wire.autoapi.containers import Envelope, Head, error_container, sealed, taken_apart
from adapters.wire.autoapi.crypto import NONCE_BYTES, padded, session_key
from controller.errors import DeviceError
from controller.ports import Clock
from simulator.chargers.high_mobility_charger import answered, understood
from simulator.chargers.high_mobility_device import HomeChargerDevice
from simulator.chargers.high_mobility_faults import Faults
from simulator.chargers.high_mobility_keys import App, granted, is_signed, new_key
from simulator.chargers.web import WebReply, WebRequest, json_reply

INVALID_HMAC: Final = 0x3608
INVALID_DATA: Final = 0x0104


class TelematicsService:
    """Hands out certificates and nonces, and passes containers on; the charger's key is its own."""

    def __init__(self, device: HomeChargerDevice, app: App, clock: Clock) -> None:
        self.serial = secrets.token_bytes(9)
        self.key = new_key()
        self._device, self._app, self._clock = device, app, clock
        self._open: set[bytes] = set()
        """Nonces that were handed out and not used yet."""
        self._last_nonce = b""
        self._last_answer = b""

    def name_of(self, request: WebRequest) -> str:
        """Tell what a request is, as `Faults.only` names it."""
        endpoint = request.path.rpartition("/")[2]
        if endpoint != "telematics_commands":
            return endpoint
        envelope = _envelope(request.members)
        try:
            command = (
                None if envelope is None else understood(envelope.opened(self._key(envelope.head.nonce)))
            )
        except DeviceError:
            return "telematics_commands"
        return "telematics_commands" if command is None else command.name

    def answer(self, request: WebRequest, faults: Faults) -> WebReply:
        """Answer a request."""
        endpoint, told = request.path.rpartition("/")[2], request.members
        if request.verb != "POST":
            return _error(404, "Not found")
        if endpoint == "access_certificates":
            return self._certificate(told)
        if endpoint == "access_tokens":
            return self._tokens(told)
        if endpoint == "nonces":
            return self._nonce(told, faults)
        return self._command(told, faults) if endpoint == "telematics_commands" else _error(404, "Not found")

    def _certificate(self, told: Mapping[str, object]) -> WebReply:
        token, signed = str(told.get("access_token")), _octets(told.get("signature"))
        if told.get("serial_number") != self._app.serial.hex().upper() or token != self._app.access_token:
            return _error(404, "Access token not found")
        if not is_signed(self._app.public, signed, padded(token.encode())):
            return _error(403, "Signature invalid")
        certificate = granted(self._app, self.serial, self.key.public_key(), self._clock.now())
        text = b64encode(certificate.encoded()).decode()
        return json_reply({"device_access_certificate": text}, 201)

    def _tokens(self, told: Mapping[str, object]) -> WebReply:
        """Renew the access token; every refresh token is good for one use."""
        if told.get("grant_type") != "refresh_token" or told.get("refresh_token") != self._app.refresh_token:
            return json_reply({"error": "invalid_grant", "error_description": "Used before"}, 400)
        self._app.access_token = secrets.token_hex(64)
        self._app.refresh_token = secrets.token_hex(32)
        return json_reply(
            {
                "access_token": self._app.access_token,
                "refresh_token": self._app.refresh_token,
                "expires_in": 3600,
                "token_type": "bearer",
            }
        )

    def _nonce(self, told: Mapping[str, object], faults: Faults) -> WebReply:
        if told.get("serial_number") != self._app.serial.hex().upper():
            return _error(404, "Serial number not found")
        if not faults.same_nonce or not self._last_nonce:
            self._last_nonce = secrets.token_bytes(NONCE_BYTES)
        self._open.add(self._last_nonce)
        return json_reply({"nonce": b64encode(self._last_nonce).decode()}, 201)

    def _command(self, told: Mapping[str, object], faults: Faults) -> WebReply:
        if told.get("serial_number") != self.serial.hex().upper():
            return _said(404, "error", "Vehicle not found")
        if faults.telematics:
            return _said(408 if faults.telematics == "timeout" else 400, faults.telematics, "Not reached")
        envelope = _envelope(told)
        if envelope is None:
            return _said(400, "error", "Invalid data")
        answer = self._container(envelope, faults)
        if not faults.replays or not self._last_answer:
            self._last_answer = answer
        return _said(200, "ok", "", self._last_answer)

    def _container(self, envelope: Envelope, faults: Faults) -> bytes:
        """Let the charger open a container, act, and seal its answer."""
        asked = envelope.head
        back = Head(
            sender=bytes(9) if faults.other_sender else self.serial,
            target=asked.sender,
            nonce=secrets.token_bytes(NONCE_BYTES),
        )
        if faults.error_code is not None:
            return error_container(back, faults.error_code)
        if asked.nonce not in self._open or asked.target != self.serial:
            return error_container(back, INVALID_DATA)  # A nonce opens one container and no second.
        self._open.discard(asked.nonce)
        try:
            payload = envelope.opened(self._key(asked.nonce))
        except DeviceError:
            return error_container(back, INVALID_HMAC)
        told = answered(self._device, faults, payload) if faults.payload is None else faults.payload
        key = bytes(32) if faults.wrong_hmac else self._key(back.nonce)
        return sealed(back, key, told)

    def _key(self, nonce: bytes) -> bytes:
        return session_key(self.key, self._app.public, nonce)


def _envelope(told: Mapping[str, object]) -> Envelope | None:
    try:
        return taken_apart(_octets(told.get("data")))
    except DeviceError:
        return None


def _octets(text: object) -> bytes:
    try:
        return b64decode(str(text), validate=True)
    except (ValueError, binascii.Error):
        return b""


def _said(status: int, word: str, message: str, container: bytes = b"") -> WebReply:
    data = b64encode(container).decode()
    return json_reply({"status": word, "message": message, "response_data": data}, status)


def _error(status: int, title: str) -> WebReply:
    return json_reply([{"title": title, "source": "", "detail": title}], status)
