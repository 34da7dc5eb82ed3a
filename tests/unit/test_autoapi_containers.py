from base64 import b64encode
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

from adapters.wire.autoapi.certificates import AccessCertificate, access_certificate, client_certificate
from adapters.wire.autoapi.containers import ContainerError, Head, error_container, sealed, taken_apart
from adapters.wire.autoapi.crypto import (
    authentication,
    ciphered,
    private_key,
    private_key_of,
    public_bytes,
    public_key_of,
    session_key,
    signature,
)
from controller.errors import CredentialsError, DeviceError, DeviceNonsense
from simulator.chargers.high_mobility_keys import is_signed, made_up_app, new_key
from tests.fakes.autoapi import vectors

KEYS: dict[str, str] = vectors()["keys"]
APP = private_key_of(bytes.fromhex(KEYS["app_private"]))
CHARGER = private_key_of(bytes.fromhex(KEYS["charger_private"]))
NONCE = bytes.fromhex(KEYS["nonce"])
KEY = bytes.fromhex(KEYS["session_key"])
HEAD = Head(sender=b"\x00\xfe\xff456789", target=b"abcdefghi", nonce=NONCE)

CERTIFICATE = AccessCertificate(
    issuer=b"sbox",
    own=b"123456789",
    charger=b"abcdefghi",
    charger_public=public_bytes(CHARGER.public_key()),
    starts=datetime(2026, 1, 31, 23, 59, tzinfo=UTC),
    ends=datetime(2026, 12, 1, tzinfo=UTC),
    permissions=b"\x10\xff\xff",
    signature=bytes(64),
)


def test_public_keys_follow_from_private_ones() -> None:
    assert public_bytes(APP.public_key()).hex() == KEYS["app_public_xy"]
    assert public_bytes(CHARGER.public_key()).hex() == KEYS["charger_public_xy"]


def test_both_sides_derive_the_known_session_key() -> None:
    assert session_key(APP, CHARGER.public_key(), NONCE) == KEY
    assert session_key(CHARGER, APP.public_key(), NONCE) == KEY


@pytest.mark.parametrize("known", vectors()["authentication"], ids=lambda known: known["message"][:8])
def test_known_messages_have_their_known_hmac(known: dict[str, str]) -> None:
    assert authentication(bytes.fromhex(known["key"]), bytes.fromhex(known["message"])).hex() == known["mac"]


@pytest.mark.parametrize("known", vectors()["cipher"], ids=lambda known: known["plain"][:16])
def test_known_messages_have_their_known_cipher(known: dict[str, str]) -> None:
    assert (
        ciphered(KEY, bytes.fromhex(known["nonce"]), bytes.fromhex(known["plain"])).hex() == known["cipher"]
    )


@pytest.mark.parametrize("known", vectors()["containers"], ids=lambda known: known["name"])
def test_known_containers_are_made_and_opened(known: dict[str, Any]) -> None:
    head = Head(
        sender=bytes.fromhex(known["sender_serial"]),
        target=bytes.fromhex(known["target_serial"]),
        nonce=bytes.fromhex(known["nonce"]),
    )
    key = session_key(APP, CHARGER.public_key(), head.nonce)

    raw = sealed(head, key, bytes.fromhex(known["payload"]))

    assert raw.hex() == known["container_hex"]
    assert taken_apart(raw).head == head
    assert taken_apart(raw).opened(key).hex() == known["payload"]


@given(st.binary(max_size=300), st.binary(max_size=20), st.booleans())
def test_any_payload_arrives_as_it_was_sent(payload: bytes, request_id: bytes, encrypted: bool) -> None:
    head = replace(HEAD, request_id=request_id, encrypted=encrypted)

    envelope = taken_apart(sealed(head, KEY, payload))

    assert (envelope.head, envelope.opened(KEY)) == (head, payload)


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_container_that_was_tampered_with_is_never_opened(at: int, change: int) -> None:
    raw = bytearray(sealed(HEAD, KEY, b"\x0d\x00\x60\x01some payload"))
    raw[at % len(raw)] ^= change

    with pytest.raises(DeviceError):
        taken_apart(bytes(raw)).opened(KEY)


@given(st.binary(max_size=150))
def test_any_bytes_are_a_container_or_a_typed_refusal(noise: bytes) -> None:
    for raw in (noise, b"\x00" + noise + b"\xff", b"\x00\x02" + noise + b"\xff"):
        with pytest.raises(DeviceError):
            taken_apart(raw).opened(KEY)


@pytest.mark.parametrize("code", [0x0001, 0x0009, 0x0104, 0x3608, 0x7777])
def test_an_error_container_tells_its_code(code: int) -> None:
    with pytest.raises(ContainerError, match=f"{code:04x}") as error:
        taken_apart(error_container(HEAD, code)).opened(KEY)

    assert error.value.code == code
    assert isinstance(error.value, DeviceNonsense)


def test_what_is_in_clear_and_unproven_is_no_payload() -> None:
    raw = sealed(replace(HEAD, encrypted=False), bytes(32), b"\x0d\x00\x60\x01")

    with pytest.raises(DeviceNonsense, match="HMAC"):
        taken_apart(raw).opened(KEY)


def test_an_access_certificate_is_read_as_it_was_written() -> None:
    assert access_certificate(b64encode(CERTIFICATE.encoded()).decode()) == CERTIFICATE


@given(st.binary(max_size=260))
def test_any_bytes_are_a_certificate_or_a_typed_refusal(noise: bytes) -> None:
    for raw in (noise, CERTIFICATE.encoded()[:1] + noise, CERTIFICATE.encoded()[:-1] + noise[:1]):
        text = b64encode(raw).decode()
        with suppress(DeviceNonsense):
            assert len(access_certificate(text).charger_public) == 64


def test_an_impossible_date_is_refused() -> None:
    raw = bytearray(CERTIFICATE.encoded())
    raw[1 + 4 + 9 + 9 + 64 + 1] = 13

    with pytest.raises(DeviceNonsense, match="date"):
        access_certificate(b64encode(raw).decode())


def test_a_client_certificate_tells_who_we_are() -> None:
    own = made_up_app()

    certificate = client_certificate(own.certificate)

    assert certificate.serial == own.app.serial
    assert certificate.public == public_bytes(own.app.public)
    assert not certificate.is_production


@pytest.mark.parametrize("text", ["", "no base64!", "AAAA", b64encode(bytes(154)).decode()])
def test_what_is_no_client_certificate_is_the_operators_to_put_right(text: str) -> None:
    with pytest.raises(CredentialsError):
        client_certificate(text)


def test_keys_come_as_base64_or_pem() -> None:
    raw = bytes.fromhex(KEYS["app_private"])
    pem = APP.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()

    keys = [private_key(b64encode(raw).decode()), private_key(pem)]

    assert [public_bytes(key.public_key()).hex() for key in keys] == [KEYS["app_public_xy"]] * 2


@pytest.mark.parametrize(
    "text", ["", "secret-key", b64encode(bytes(32)).decode(), b64encode(bytes(31)).decode(),
             "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----"],
)  # fmt: skip
def test_a_key_that_is_none_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(CredentialsError) as refused:
        private_key(text)

    assert "secret" not in str(refused.value)
    assert "c2VjcmV0" not in str(refused.value)


def test_a_point_off_the_curve_is_refused() -> None:
    with pytest.raises(DeviceNonsense):
        public_key_of(bytes(64))


def test_signatures_are_of_their_key_alone() -> None:
    signed = signature(APP, b"token")

    assert len(signed) == 64
    assert is_signed(APP.public_key(), signed, b"token")
    assert not is_signed(APP.public_key(), signed, b"taken")
    assert not is_signed(new_key().public_key(), signed, b"token")
