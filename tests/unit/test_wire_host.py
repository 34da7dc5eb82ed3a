import pytest
from pydantic import TypeAdapter, ValidationError

from adapters.wire.host import Host, in_url

HOST = TypeAdapter(Host)


@pytest.mark.parametrize(
    ("written", "host", "url"),
    [
        ("meter", "meter", "meter"),
        ("charger-7.lan", "charger-7.lan", "charger-7.lan"),
        ("192.0.2.7", "192.0.2.7", "192.0.2.7"),
        ("::1", "::1", "[::1]"),
        ("[fe80::1%eth0]", "fe80::1%eth0", "[fe80::1%eth0]"),
    ],
)
def test_a_host_is_kept_as_libraries_want_it(written: str, host: str, url: str) -> None:
    assert HOST.validate_python(written) == host
    assert in_url(host) == url


@pytest.mark.parametrize(
    "written", ["", "http://meter", "meter:502", "192.0.2.7:80", "[::1]:80", "me@meter", "a b", "meter/x"]
)
def test_what_is_more_than_a_host_is_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        HOST.validate_python(written)
