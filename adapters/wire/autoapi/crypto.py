"""Crypto of the telematics path: P-256 keys, session keys, message authentication, the stream cipher."""

import binascii
from base64 import b64decode
from hashlib import sha256
from hmac import digest
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from controller.errors import CredentialsError, DeviceNonsense

PrivateKey = ec.EllipticCurvePrivateKey
PublicKey = ec.EllipticCurvePublicKey

KEY_BYTES: Final = 32
PUBLIC_BYTES: Final = 64
SIGNATURE_BYTES: Final = 64
NONCE_BYTES: Final = 9

_CURVE: Final = ec.SECP256R1()
_BLOCK: Final = 64
_NONCE_HEAD: Final = 7
_AES_BYTES: Final = 16
_UNCOMPRESSED: Final = b"\x04"


def private_key(text: str) -> PrivateKey:
    """Take a private key: 32 bytes in base64, or PEM.

    Raises:
        CredentialsError: neither.
    """
    try:
        if "-----BEGIN" in text:
            key = load_pem_private_key(text.encode(), password=None)
            if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
                raise CredentialsError("the private key is not of the curve P-256")
            return key
        return private_key_of(b64decode(text, validate=True))
    except (ValueError, TypeError, binascii.Error):
        raise CredentialsError("the private key is neither 32 bytes in base64 nor PEM") from None


def private_key_of(raw: bytes) -> PrivateKey:
    """Take a private key's 32 bytes; errors as above."""
    try:
        if len(raw) != KEY_BYTES:
            raise CredentialsError(f"a private key has {KEY_BYTES} bytes")
        return ec.derive_private_key(int.from_bytes(raw), _CURVE)
    except ValueError:
        raise CredentialsError("the private key is none of the curve P-256") from None


def public_key_of(raw: bytes) -> PublicKey:
    """Take a public key: X and Y.

    Raises:
        DeviceNonsense: no point of the curve.
    """
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, _UNCOMPRESSED + raw)
    except ValueError as error:
        raise DeviceNonsense("a certificate whose public key is no point of the curve") from error


def public_bytes(key: PublicKey) -> bytes:
    """Give X and Y."""
    numbers = key.public_numbers()
    return numbers.x.to_bytes(KEY_BYTES) + numbers.y.to_bytes(KEY_BYTES)


def padded(message: bytes) -> bytes:
    """Fill with zeros to a multiple of 64."""
    return message + bytes(-len(message) % _BLOCK)


def session_key(own: PrivateKey, other: PublicKey, nonce: bytes) -> bytes:
    """Derive the key that both sides share for one nonce."""
    return authentication(own.exchange(ec.ECDH(), other), nonce)


def authentication(key: bytes, message: bytes) -> bytes:
    """Compute the HMAC of a message."""
    return digest(key, padded(message), sha256)


def ciphered(key: bytes, nonce: bytes, message: bytes) -> bytes:
    """Encrypt or decrypt, which is the same: one block of key stream, repeated.

    It hides little from who knows the plain text, so TLS is essential and no nonce is ever used twice.
    """
    # The format demands ECB; the block is a key stream, never a message.
    encryptor = Cipher(algorithms.AES(key[:_AES_BYTES]), modes.ECB()).encryptor()  # noqa: S305 - as above
    block = encryptor.update(nonce[:_NONCE_HEAD] + nonce) + encryptor.finalize()
    return bytes(byte ^ block[index % _AES_BYTES] for index, byte in enumerate(message))


def signature(key: PrivateKey, message: bytes) -> bytes:
    """Sign: ECDSA with SHA-256, r and s of 32 bytes each."""
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(KEY_BYTES) + s.to_bytes(KEY_BYTES)
