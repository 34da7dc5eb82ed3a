"""Containers: an encrypted, authenticated envelope from one serial number to another (version 2)."""

from dataclasses import dataclass
from hmac import compare_digest
from typing import Final

from adapters.wire.autoapi.crypto import NONCE_BYTES, authentication, ciphered
from controller.errors import DeviceNonsense

SERIAL_BYTES: Final = 9
AUTO_API: Final = 1

_START, _ESCAPE, _END = 0x00, 0xFE, 0xFF
_VERSION: Final = 2
_MAC_BYTES: Final = 32
_ERROR: Final = 0x02

ERRORS: Final = {0x0001: "internal error", 0x0009: "time-out", 0x0104: "invalid data", 0x3608: "invalid HMAC"}
"""What an error container tells."""


class ContainerError(DeviceNonsense):
    """The other side answered with an error container, which nobody signed: what it asked for may be done."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"the charger's side reports {ERRORS.get(code, 'an unknown error')} ({code:04x})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What an envelope says in clear."""

    sender: bytes
    target: bytes
    nonce: bytes
    request_id: bytes = b""
    encrypted: bool = True
    content: int = AUTO_API


def sealed(head: Head, key: bytes, payload: bytes) -> bytes:
    """Encrypt, authenticate and wrap a payload."""
    body = _body(head, ciphered(key, head.nonce, payload) if head.encrypted else payload)
    return _wrapped(body + authentication(key, body))


def error_container(head: Head, code: int) -> bytes:
    """Wrap an error: in clear, and authenticated by nobody."""
    plain = Head(sender=head.sender, target=head.target, nonce=head.nonce, encrypted=False, content=0)
    return _wrapped(_body(plain, bytes([_ERROR]) + code.to_bytes(2)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A container taken apart; nothing of it is proven before `opened`."""

    head: Head
    payload: bytes
    body: bytes
    mac: bytes

    def opened(self, key: bytes) -> bytes:
        """Prove it and decrypt it.

        Raises:
            DeviceNonsense: its HMAC is wrong.
            ContainerError: it carries an error.
        """
        if not self.mac and not self.head.encrypted and self.payload[:1] == bytes([_ERROR]):
            raise ContainerError(int.from_bytes(self.payload[1:3]))
        if not compare_digest(self.mac, authentication(key, self.body)):
            raise DeviceNonsense("a container whose HMAC is wrong")
        return ciphered(key, self.head.nonce, self.payload) if self.head.encrypted else self.payload


def taken_apart(raw: bytes) -> Envelope:
    """Take a container apart.

    Raises:
        DeviceNonsense: it is none.
    """
    inner = _unwrapped(raw)
    reader = _Reader(inner)
    if reader.number(1) != _VERSION:
        raise DeviceNonsense("a container of another version than 2")
    sender, target, nonce = reader.take(SERIAL_BYTES), reader.take(SERIAL_BYTES), reader.take(NONCE_BYTES)
    request_id = reader.take(reader.number(2))
    encrypted, content = reader.number(1) == 1, reader.number(1)
    payload = reader.take(reader.number(4))
    head = Head(
        sender=sender,
        target=target,
        nonce=nonce,
        request_id=request_id,
        encrypted=encrypted,
        content=content,
    )
    mac = inner[reader.at :]
    if len(mac) not in (0, _MAC_BYTES):
        raise DeviceNonsense(f"a container with {len(mac)} bytes of HMAC")
    return Envelope(head=head, payload=payload, body=inner[: reader.at], mac=mac)


def _body(head: Head, payload: bytes) -> bytes:
    return b"".join(
        (
            bytes([_VERSION]),
            head.sender,
            head.target,
            head.nonce,
            len(head.request_id).to_bytes(2),
            head.request_id,
            bytes([head.encrypted, head.content]),
            len(payload).to_bytes(4),
            payload,
        )
    )


def _wrapped(inner: bytes) -> bytes:
    escaped = bytearray([_START])
    for byte in inner:
        if byte in (_START, _ESCAPE, _END):
            escaped.append(_ESCAPE)
        escaped.append(byte)
    escaped.append(_END)
    return bytes(escaped)


def _unwrapped(raw: bytes) -> bytes:
    if len(raw) < 2 or raw[0] != _START:  # noqa: PLR2004 - start and end
        raise DeviceNonsense("no container: it does not start like one")
    plain, escaping = bytearray(), False
    for at, byte in enumerate(raw[1:], start=1):
        if escaping or byte not in (_START, _ESCAPE, _END):
            plain.append(byte)
            escaping = False
        elif byte == _ESCAPE:
            escaping = True
        elif byte == _END and at == len(raw) - 1:
            return bytes(plain)
        else:
            break
    raise DeviceNonsense("no container: it does not end like one")


class _Reader:
    """Takes bytes off the front and notices when there are too few."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self.at = 0

    def take(self, size: int) -> bytes:
        part = self._raw[self.at : self.at + size]
        if len(part) != size:
            raise DeviceNonsense(f"a container that ends after {len(self._raw)} bytes")
        self.at += size
        return part

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size))
