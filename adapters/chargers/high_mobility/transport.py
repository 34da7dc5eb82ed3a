"""What both paths to a Home Charger have in common."""

from collections.abc import Sequence
from typing import Protocol

from adapters.wire.autoapi.messages import Message
from adapters.wire.autoapi.properties import Property


class Transport(Protocol):
    """Carries questions and commands to one charger; both paths answer with the same messages."""

    name: str
    kept: bool
    """Whether the connection stays open between calls."""

    async def state(self, names: Sequence[str] = (), *, urgent: bool = False) -> Message:
        """Ask for the state: of these properties, or of all.

        Raises:
            DeviceUnreachable, DeviceRefused, DeviceNonsense, CredentialsError: as the port tells them.
        """

    async def availability(self, names: Sequence[str] = ()) -> Message:
        """Ask how often properties may be asked for; errors as above."""

    async def set(self, command: str, sent: Sequence[Property], *, urgent: bool = False) -> Message | None:
        """Send a command that changes something; `None` is an answer without content; errors as above."""

    async def close(self) -> None:
        """End the connection."""
