"""What a simulated Easee charger, or the cloud behind it, may do wrong; change any field while it runs."""

from dataclasses import dataclass
from enum import StrEnum


class BodyForm(StrEnum):
    """How a body is wrapped: three forms are possible by the evidence."""

    BARE = "bare"
    """`{"Timestamp", "Value"}`."""
    INNER = "inner"
    """`{"Id", "Name", "Description", "Timestamp", "Value"}`."""
    WRAPPED = "wrapped"
    """As the document prints it, with its routing key around."""


@dataclass(slots=True, kw_only=True)
class EaseeFaults:
    """Every misbehaviour that was seen or has to be expected; the default is none."""

    form: BodyForm = BodyForm.INNER
    text_values: bool = False
    """Tells every value as text."""
    arrival_header: bool = True
    skew_s: float = 0.0
    """How far the device's clock is ahead; -2 to 1 s were seen."""
    delay_s: float = 0.0
    """Obeys and answers late."""
    twice: bool = False
    """Every message arrives twice."""
    response_first: bool = False
    """The response comes before the observations that it caused."""
    hang: bool = False
    """Takes commands and tells nothing any more."""
    mute: bool = False
    """Obeys and answers, but observes nothing."""
    refuse: bool = False
    """Does not accept limits."""
    deaf: bool = False
    """Commands get lost, nothing is answered."""
    lose_responses: bool = False
    """Obeys; its responses get lost."""
    lose_observations: frozenset[int] = frozenset()
    """Observations that get lost."""
    body: bytes | None = None
    """Tells these bytes instead of JSON."""
    ignore_secondary: bool = False
    """A secondary leaves circuit commands unanswered instead of refusing them."""
