import json

from hypothesis import given
from hypothesis import strategies as st

from adapters.wire.scrub import scrubbed

SECRETS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_.", min_size=8, max_size=20)


def spelled(secret: str) -> str:
    return "".join(f"\\u{ord(letter):04x}" for letter in secret)


@given(secret=SECRETS, before=st.text(max_size=10), after=st.text(max_size=10))
def test_no_secret_is_left_however_it_is_spelled(secret: str, before: str, after: str) -> None:
    plain = json.dumps({"error": before + secret + after}).encode()
    hidden = b'{"error": "' + spelled(secret).encode() + b'"}'

    assert secret.encode() not in scrubbed(plain, secret)
    assert secret not in str(json.loads(scrubbed(hidden, secret)))


@given(body=st.binary(max_size=60), secret=SECRETS)
def test_any_bytes_stay_as_they_are_unless_a_secret_is_in_them(body: bytes, secret: str) -> None:
    if secret.encode() not in body and b"\\" not in body:
        assert scrubbed(body, secret) == body


def test_what_is_too_short_to_guard_anything_spoils_nothing() -> None:
    assert scrubbed(b'{"state": "online"}', "a") == b'{"state": "online"}'
