"""Keys and certificates of a simulated charger and of the app that may control it."""

import json
import secrets
from base64 import b64encode, urlsafe_b64decode
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from adapters.wire.autoapi.certificates import AccessCertificate
from adapters.wire.autoapi.crypto import PrivateKey, PublicKey, public_bytes

ISSUER = b"sbox"
_ALL_PERMISSIONS = bytes([0xFF] * 16)
_HALF = 32


@dataclass(slots=True, kw_only=True)
class App:
    """The app as the service knows it; its tokens change with each renewal."""

    public: PublicKey
    serial: bytes
    access_token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    uri: str = "app://phasewise"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnApp:
    """An app made up for a twin, with everything that a configuration needs."""

    app: App
    private: str = field(repr=False)
    """In base64."""
    certificate: str
    """In base64."""


def new_key() -> PrivateKey:
    """Make a key."""
    return ec.generate_private_key(ec.SECP256R1())


def made_up_app() -> OwnApp:
    """Make up an app: key, serial number, certificate, token."""
    key, serial = new_key(), secrets.token_bytes(9)
    public = public_bytes(key.public_key())
    certificate = ISSUER + secrets.token_bytes(12) + serial + public + secrets.token_bytes(64)
    private = key.private_numbers().private_value.to_bytes(32)
    return OwnApp(
        app=App(
            public=key.public_key(),
            serial=serial,
            access_token=secrets.token_hex(64),
            refresh_token=secrets.token_hex(32),
        ),
        private=b64encode(private).decode(),
        certificate=b64encode(certificate).decode(),
    )


def granted(app: App, serial: bytes, charger: PublicKey, now: datetime) -> AccessCertificate:
    """Let the app in for a day."""
    return AccessCertificate(
        issuer=ISSUER,
        own=app.serial,
        charger=serial,
        charger_public=public_bytes(charger),
        starts=now - timedelta(hours=1),
        ends=now + timedelta(days=1),
        permissions=_ALL_PERMISSIONS,
        signature=secrets.token_bytes(64),
    )


def is_signed(key: PublicKey, signed: bytes, message: bytes) -> bool:
    """Tell whether a signature (r and s) is of this key."""
    pair = int.from_bytes(signed[:_HALF]), int.from_bytes(signed[_HALF:])
    try:
        key.verify(encode_dss_signature(*pair), message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def claims_of(key: PublicKey, bearer: str) -> dict[str, object] | None:
    """Read the claims of a token (ES256); `None`: not signed by this key, or no token."""
    parts = bearer.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - header, claims, signature
        return None
    try:
        header, claims, signed = (urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in parts)
        known = json.loads(header), json.loads(claims)
    except ValueError:
        return None
    if known[0] != {"typ": "JWT", "alg": "ES256"} or not isinstance(known[1], dict):
        return None
    return known[1] if is_signed(key, signed, f"{parts[0]}.{parts[1]}".encode()) else None
