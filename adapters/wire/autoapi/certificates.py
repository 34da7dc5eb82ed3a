"""Certificates: who we are, and what we may do with one charger."""

import binascii
from base64 import b64decode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from adapters.wire.autoapi.crypto import PUBLIC_BYTES, SIGNATURE_BYTES
from controller.errors import CredentialsError, DeviceNonsense

_ISSUER, _APP, _SERIAL, _DATE = 4, 12, 9, 5
_CLIENT_BYTES: Final = _ISSUER + _APP + _SERIAL + PUBLIC_BYTES + SIGNATURE_BYTES
_ACCESS_VERSION: Final = 1
_CENTURY: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCertificate:
    """Who we are."""

    issuer: bytes
    app: bytes
    serial: bytes
    public: bytes
    signature: bytes

    @property
    def is_production(self) -> bool:
        """Whether it is for real devices, not for the sandbox."""
        return self.issuer == b"xvhm"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessCertificate:
    """What we may do with one charger, and until when."""

    issuer: bytes
    own: bytes
    """Our serial number."""
    charger: bytes
    charger_public: bytes
    starts: datetime
    ends: datetime
    permissions: bytes
    signature: bytes

    def encoded(self) -> bytes:
        """Write it as bytes."""
        return b"".join(
            (
                bytes([_ACCESS_VERSION]),
                self.issuer,
                self.own,
                self.charger,
                self.charger_public,
                _date_bytes(self.starts),
                _date_bytes(self.ends),
                bytes([len(self.permissions)]),
                self.permissions,
                self.signature,
            )
        )


def client_certificate(text: str) -> ClientCertificate:
    """Read our certificate.

    Raises:
        CredentialsError: it is none.
    """
    try:
        raw = b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise CredentialsError("the client certificate is not base64") from None
    if len(raw) != _CLIENT_BYTES:
        raise CredentialsError(f"the client certificate has {len(raw)} bytes, not {_CLIENT_BYTES}")
    issuer, app, serial, public, signed = _split(raw, (_ISSUER, _APP, _SERIAL, PUBLIC_BYTES, SIGNATURE_BYTES))
    return ClientCertificate(issuer=issuer, app=app, serial=serial, public=public, signature=signed)


def access_certificate(text: str) -> AccessCertificate:
    """Read what the service gave us for a charger.

    Raises:
        DeviceNonsense: it is none.
    """
    try:
        raw = b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise DeviceNonsense("an access certificate that is not base64") from error
    fixed = (1, _ISSUER, _SERIAL, _SERIAL, PUBLIC_BYTES, _DATE, _DATE, 1)
    if len(raw) < sum(fixed) + SIGNATURE_BYTES or raw[0] != _ACCESS_VERSION:
        raise DeviceNonsense("an access certificate that is too short, or of another version")
    parts = _split(raw, (*fixed, raw[sum(fixed) - 1], SIGNATURE_BYTES))
    if sum(map(len, parts)) != len(raw):
        raise DeviceNonsense("an access certificate of the wrong length")
    _, issuer, own, charger, public, starts, ends, _, permissions, signed = parts
    return AccessCertificate(
        issuer=issuer,
        own=own,
        charger=charger,
        charger_public=public,
        starts=_date(starts),
        ends=_date(ends),
        permissions=permissions,
        signature=signed,
    )


def _split(raw: bytes, sizes: tuple[int, ...]) -> list[bytes]:
    parts: list[bytes] = []
    for size in sizes:
        parts.append(raw[:size])
        raw = raw[size:]
    return parts


def _date(raw: bytes) -> datetime:
    """Read year, month (1 is January), day, hour, minute."""
    year, month, day, hour, minute = raw
    try:
        return datetime(_CENTURY + year, month, day, hour, minute, tzinfo=UTC)
    except ValueError as error:
        raise DeviceNonsense("an access certificate with an impossible date") from error


def _date_bytes(at: datetime) -> bytes:
    return bytes([at.year - _CENTURY, at.month, at.day, at.hour, at.minute])
