"""Asking: the running daemon, over its API."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from adapters.wire.host import in_url
from controller.errors import CredentialsError, DeviceUnreachable, PhasewiseError, SettingsError
from controller.settings import Settings, load_door
from controller.settings.service_tables import DashboardSettings

_PATIENCE_S = 3.0
# A tick comes at least once a second.
_SILENCE_S = 10.0

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what is listened on, not by whom

Document = dict[str, Any]


class NotRunning(PhasewiseError):  # noqa: N818 - reads as a fact
    """Nobody listens at the configured address."""


@dataclass(frozen=True, slots=True)
class DaemonClient:
    """Asks the daemon of a configuration."""

    site: str | None
    """The site that is meant; `None`: whichever answers."""
    dashboard: DashboardSettings
    patience_s: float = _PATIENCE_S

    @property
    def address(self) -> str:
        """Where the daemon of this configuration listens."""
        host = _EVERYWHERE.get(self.dashboard.host, self.dashboard.host)
        return f"http://{in_url(host)}:{self.dashboard.port}"

    def ask(self, path: str, method: str = "GET") -> Document:
        """Ask for a document, or order something.

        Raises:
            NotRunning: nobody listens there.
            PhasewiseError: somebody does, and does not answer, refuses or talks nonsense.
        """
        with self._client() as client:
            try:
                return _document(client.request(method, path))
            except httpx.ReadTimeout as error:
                raise DeviceUnreachable(f"{self._hangs()} {self.patience_s:g} s") from error
            except httpx.TransportError as error:
                raise NotRunning(f"no daemon at {self.address}") from error

    def events(self) -> Iterator[str]:
        """Tell each tick's report as JSON until the daemon leaves; errors as for `ask`."""
        with self._client() as client:
            try:
                timeout = httpx.Timeout(self.patience_s, read=_SILENCE_S)
                with client.stream("GET", "/api/v1/events", timeout=timeout) as response:
                    _refuse_unwell(response)
                    yield from _events(response)
            except httpx.ReadTimeout as error:
                raise DeviceUnreachable(f"{self._hangs()} {_SILENCE_S:g} s") from error
            except httpx.TransportError as error:
                raise NotRunning(f"no daemon at {self.address}") from error

    def _hangs(self) -> str:
        return f"somebody listens at {self.address}, but has not answered for"

    def _client(self) -> httpx.Client:
        password = self.dashboard.password
        auth = None if password is None else ("phasewise", password.get_secret_value())
        # The daemon is never behind the proxy that the environment may name.
        return httpx.Client(
            base_url=self.address,
            timeout=self.patience_s,
            auth=auth,
            trust_env=False,
            headers={} if self.site is None else {"Phasewise-Site": self.site},
        )


def daemon_of(settings: Settings) -> DaemonClient:
    """Ask the daemon of a configuration."""
    return DaemonClient(settings.site.id, settings.dashboard)


def daemon_in_spite_of(wrong: SettingsError, config: Path) -> DaemonClient:
    """Ask the daemon that goes on with what it read before its file became wrong, and say so.

    Raises:
        SettingsError: there is none, so that what is wrong is all there is to say.
    """
    try:
        daemon = DaemonClient(*load_door(config, os.environ))
    except SettingsError:
        daemon = DaemonClient(None, DashboardSettings())  # where a daemon listens unless it is told otherwise
    try:
        daemon.ask("/api/v1/status")
    except NotRunning:
        raise wrong from None
    sys.stderr.write(f"{wrong}\nthe daemon goes on with what it read before\n")
    return daemon


def _events(response: httpx.Response) -> Iterator[str]:
    for line in response.iter_lines():
        if line.startswith("data: "):
            yield line.removeprefix("data: ")


def _refuse_unwell(response: httpx.Response) -> None:
    if response.status_code == httpx.codes.UNAUTHORIZED:
        raise CredentialsError("the daemon does not accept the password of this configuration")
    if response.is_error:
        response.read()
        raise DeviceUnreachable(f"the daemon answers: {_detail(response)}")


def _document(response: httpx.Response) -> Document:
    _refuse_unwell(response)
    try:
        document: Document = response.json()
    except ValueError as error:
        raise DeviceUnreachable("something else than a daemon answers at its address") from error
    return document


def _detail(response: httpx.Response) -> str:
    try:
        return str(response.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"{response.status_code} {response.text.strip() or response.reason_phrase}"
