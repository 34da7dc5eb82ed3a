"""The telematics path: access certificate, nonce, encrypted container, proven answer."""

import binascii
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from adapters.chargers.high_mobility.cloud import Cloud, Reply, complaint
from adapters.chargers.high_mobility.failures import BusyError, checked, clipped
from adapters.chargers.high_mobility.home_charger import (
    HOME_CHARGER,
    encode_setter,
    get_availability,
    get_state,
)
from adapters.chargers.high_mobility.tokens import Tokens
from adapters.wire.autoapi.certificates import AccessCertificate, ClientCertificate, access_certificate
from adapters.wire.autoapi.containers import Head, sealed, taken_apart
from adapters.wire.autoapi.crypto import (
    NONCE_BYTES,
    PrivateKey,
    padded,
    public_key_of,
    session_key,
    signature,
)
from adapters.wire.autoapi.kinds import Json
from adapters.wire.autoapi.messages import Message, decode
from adapters.wire.autoapi.properties import Property
from controller.errors import CredentialsError, DeviceNonsense, DeviceRefused, DeviceUnreachable
from controller.ports import Clock

PRODUCTION: Final = "https://api.high-mobility.com/v1"
SANDBOX: Final = "https://sandbox.api.high-mobility.com/v1"

# hmkit keeps a certificate as long.
_CERTIFICATE_KEPT_S: Final = 3600.0
_NONCES_KEPT: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who we are, and what lets us in."""

    certificate: ClientCertificate
    key: PrivateKey = field(repr=False)
    access_certificate: str = field(default="", repr=False)

    @property
    def url(self) -> str:
        """Where the service for this certificate is."""
        return PRODUCTION if self.certificate.is_production else SANDBOX


class Telematics:
    """Carries messages in containers; every nonce is used once, every answer is proven before it is read."""

    name = "telematics"

    def __init__(self, cloud: Cloud, identity: Identity, tokens: Tokens, clock: Clock) -> None:
        self._cloud, self._identity, self._tokens, self._clock = cloud, identity, tokens, clock
        self._access: AccessCertificate | None = None
        self._fetched_mono_s = 0.0
        self._nonces: deque[bytes] = deque(maxlen=_NONCES_KEPT)
        """What was used for questions, ours to never use again."""
        self._answered: deque[bytes] = deque(maxlen=_NONCES_KEPT)
        """What answers carried: a second one with the same is a replay."""

    @property
    def kept(self) -> bool:
        """Whether the connection stays open between calls."""
        return self._cloud.kept

    @kept.setter
    def kept(self, kept: bool) -> None:
        self._cloud.kept = kept

    async def state(self, names: Sequence[str] = (), *, urgent: bool = False) -> Message:
        """Ask for the state."""
        return _answer(await self._send(get_state(names), urgent=urgent))

    async def availability(self, names: Sequence[str] = ()) -> Message:
        """Ask for the availability."""
        return _answer(await self._send(get_availability(names), urgent=False))

    async def set(self, command: str, sent: Sequence[Property], *, urgent: bool = False) -> Message | None:
        """Send a command; its name is in the properties that it sends."""
        del command
        return await self._send(encode_setter(tuple(sent)), urgent=urgent)

    async def certificate(self) -> AccessCertificate:
        """Tell what lets us in, fetching it if need be.

        Raises:
            CredentialsError: nobody let us in, or the certificate is over.
        """
        async with self._cloud.turn(urgent=False):
            return await self._entry()

    async def close(self) -> None:
        """End the connection."""
        await self._cloud.close()

    async def _send(self, payload: bytes, *, urgent: bool) -> Message | None:
        async with self._cloud.turn(urgent=urgent):
            access = await self._entry()
            head = Head(sender=access.own, target=access.charger, nonce=await self._nonce())
            reply = await self._cloud.ask(
                "POST", "/telematics_commands", body=self._letter(access, head, payload)
            )
            if reply.status == HTTPStatus.NOT_FOUND:
                self._access = None  # Paired anew: another certificate tells its new serial number.
        answer = self._opened(access, _response(reply))
        return checked(decode(answer, (HOME_CHARGER,))) if answer else None

    def _letter(self, access: AccessCertificate, head: Head, payload: bytes) -> Json:
        key = session_key(self._identity.key, public_key_of(access.charger_public), head.nonce)
        return {
            "serial_number": access.charger.hex().upper(),
            "issuer": access.issuer.hex().upper(),
            "data": b64encode(sealed(head, key, payload)).decode(),
        }

    def _opened(self, access: AccessCertificate, raw: bytes) -> bytes:
        """Prove an answer: from whom, for whom, by its HMAC, and that it was never seen before."""
        envelope = taken_apart(raw)
        head = envelope.head
        if (head.sender, head.target) != (access.charger, access.own):
            raise DeviceNonsense("an answer between other serial numbers")
        key = session_key(self._identity.key, public_key_of(access.charger_public), head.nonce)
        payload = envelope.opened(key)
        if head.nonce in self._answered:
            raise DeviceNonsense("an answer that was seen before")
        self._answered.append(head.nonce)
        return payload

    async def _nonce(self) -> bytes:
        own = self._identity.certificate.serial.hex().upper()
        reply = await self._cloud.ask("POST", "/nonces", body={"serial_number": own})
        nonce = _octets(reply, "nonce")
        if len(nonce) != NONCE_BYTES:
            raise DeviceNonsense(f"a nonce of {len(nonce)} bytes")
        if nonce in self._nonces:
            raise DeviceNonsense("a nonce that was used before")
        self._nonces.append(nonce)
        return nonce

    async def _entry(self) -> AccessCertificate:
        """Find a certificate that is valid now."""
        known, now = self._access, self._clock.now()
        is_recent = self._clock.mono_s() < self._fetched_mono_s + _CERTIFICATE_KEPT_S
        if known is not None and is_recent and known.starts <= now < known.ends:
            return known
        found = await self._granted()
        if found.own != self._identity.certificate.serial:
            raise CredentialsError("the access certificate is not for this client certificate")
        if not found.starts <= self._clock.now() < found.ends:
            raise CredentialsError(
                f"the access certificate holds from {found.starts:%Y-%m-%d} until {found.ends:%Y-%m-%d}"
            )
        self._access, self._fetched_mono_s = found, self._clock.mono_s()
        return found

    async def _granted(self) -> AccessCertificate:
        if self._identity.access_certificate:
            return access_certificate(self._identity.access_certificate)
        return await self._tokens.tried(self._granted_for)

    async def _granted_for(self, token: str) -> AccessCertificate:
        identity = self._identity
        signed = signature(identity.key, padded(token.encode()))
        reply = await self._cloud.ask(
            "POST",
            "/access_certificates",
            body={
                "serial_number": identity.certificate.serial.hex().upper(),
                "access_token": token,
                "signature": b64encode(signed).decode(),
            },
        )
        if not reply.is_ok:
            raise _no_entry(reply)
        return access_certificate(_text(reply, "device_access_certificate"))


def _no_entry(reply: Reply) -> Exception:
    """Tell why there is no access certificate: only a refusal for good is the operator's to put right."""
    failure = complaint(reply)
    if isinstance(failure, BusyError) or not isinstance(failure, DeviceRefused | CredentialsError):
        return failure
    return CredentialsError(f"no access certificate: {failure}")


def _answer(message: Message | None) -> Message:
    if message is None:
        raise DeviceNonsense("a question answered without content")
    return message


def _response(reply: Reply) -> bytes:
    """Take the container out of an answer.

    Only what is `ok` was encrypted by the charger; the rest is what the service says on its own.
    """
    content = reply.content
    status = content.get("status") if isinstance(content, dict) else None
    said = clipped(content.get("message", "")) if isinstance(content, dict) else ""
    if status == "timeout":
        raise DeviceUnreachable(f"the charger did not answer: {said}")
    if status == "error" and reply.status != HTTPStatus.NOT_FOUND:
        # Nobody signed this: the command may have been carried out all the same.
        raise DeviceNonsense(f"the service reports an error: {said}")
    if status == "error":
        raise DeviceRefused(f"the service does not reach such a charger: {said}")
    return _octets(reply, "response_data")


def _octets(reply: Reply, key: str) -> bytes:
    try:
        return b64decode(_text(reply, key), validate=True)
    except (ValueError, binascii.Error) as error:
        raise DeviceNonsense(f"{key} is not base64") from error


def _text(reply: Reply, key: str) -> str:
    if not reply.is_ok:
        raise complaint(reply)
    text = reply.content.get(key) if isinstance(reply.content, dict) else None
    if not isinstance(text, str):
        raise DeviceNonsense(f"an answer without {key}")
    return text
