"""Path: how a charger is reached, as an operator over AMQP or as an owner over REST and SignalR."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from adapters.chargers.easee.messages import Observed, Response
from adapters.chargers.easee.settings import EaseeConnection
from controller.errors import DeviceNonsense
from controller.ports import Clock

Argument = bool | float | str


class Listener(Protocol):
    """Whoever follows one serial."""

    def observed(self, news: Observed, age_s: float) -> None:
        """Take an observation; `age_s` is how old it was when it arrived, 0 while it is news."""

    def known(self, told: Sequence[Observed], *, is_last_word: bool) -> None:
        """Take all that was known of it when it was asked for; only its instants tell how old that is.

        It is the last word unless changes are told as they come: then what came is later.
        """

    def foreign(self, news: Response) -> None:
        """Take a response to a command that is not ours: somebody else changed something."""

    def unclear(self) -> None:
        """Take a response of which nobody knows whether it is ours: something may have changed."""

    def answered(self) -> None:
        """Note a sign of life that changes nothing."""

    def garbled(self, error: DeviceNonsense) -> None:
        """Be told that something arrived that makes no sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How commands are put and how long they are waited for."""

    answer_s: float
    words: bool = False
    """Truth is spelled out."""
    stamped: bool = False
    """The body tells when it was made."""


class Path(Protocol):
    """One way to chargers, shared by all whose settings name the same."""

    says: str
    """In words: what it goes over."""

    @property
    def has_account(self) -> bool:
        """Whether the state of a charger can be asked for."""

    @property
    def up(self) -> bool:
        """Whether anything can be heard or said."""

    @property
    def served(self) -> bool:
        """Whether anybody in this process keeps it open, or tries to."""

    def tells(self, serial: str) -> bool:
        """Whether changes of a charger are told as they come."""

    def as_of(self, serial: str) -> float | None:
        """Tell when what is known of a charger was last true, in monotonic seconds; `None`: nobody knows."""

    async def ask(self, serial: str) -> Sequence[Observed]:
        """Ask for everything that is known of a charger; nothing where nobody can be asked.

        Raises:
            DeviceUnreachable, DeviceRefused, DeviceNonsense, CredentialsError: it was not told.
        """

    async def until_up(self) -> None:
        """Wait until it is up."""

    async def serve(self, serial: str, listener: Listener) -> None:
        """Hand everything about a charger to a listener until cancelled.

        Raises:
            DeviceUnreachable, DeviceNonsense: it is away or went away.
            CredentialsError: we are not accepted.
        """

    async def call(self, serial: str, id_: int, arguments: Sequence[Argument], how: Manner) -> Response:
        """Send a command once and wait for its response.

        Raises:
            DeviceUnreachable, DeviceNonsense: it may arrive, or have arrived.
            DeviceRefused: it certainly did not.
        """

    async def call_aside(
        self, serial: str, id_: int, arguments: Sequence[Argument], how: Manner
    ) -> Response | None:
        """Send a command while nobody here serves; `None`: somebody else hears the response.

        Raises:
            DeviceUnreachable, DeviceRefused, DeviceNonsense, CredentialsError: as for `call`.
        """

    async def look(self) -> Sequence[str]:
        """Look whether it works without disturbing anybody; tell what a person should know.

        Raises:
            DeviceUnreachable, CredentialsError: it does not.
        """


def manner_of(settings: EaseeConnection) -> Manner:
    """Take the manner out of settings."""
    return Manner(answer_s=settings.answer_s, words=settings.boolean_words, stamped=settings.body_timestamp)


def path_for(settings: EaseeConnection, clock: Clock) -> Path:
    """Hand out the path that settings name; only its own libraries are loaded."""
    if settings.access == "owner":
        from adapters.chargers.easee.owner import owner_for  # noqa: PLC0415 - its SignalR loads websockets

        return owner_for(settings, clock)
    from adapters.chargers.easee.stream import stream_for  # noqa: PLC0415 - loads aio-pika

    return stream_for(settings, clock)
