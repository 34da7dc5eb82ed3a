"""What a simulated Home Charger, or the service before it, may do wrong; change any field while it runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class Faults:
    """Every misbehaviour that has to be expected; the default is none."""

    only: frozenset[str] = frozenset()
    """What the faults of the wire strike: `getState`, `getAvailability`, `set`, `nonces`,
    `access_certificates`; empty: all."""
    delay_s: float = 0.0
    """Answers late."""
    hang: bool = False
    """Takes the request and never answers."""
    deaf: bool = False
    """Takes the request, obeys, and resets the connection instead of answering."""
    body: bytes | None = None
    """The service answers these bytes instead of JSON."""
    status: int | None = None
    """The service answers this HTTP status and an error of its own."""

    refuse: str = ""
    """The whole command fails for this reason."""
    refused: frozenset[str] = frozenset({"set"})
    """Which commands `refuse` strikes; empty: all."""
    failing: Mapping[str, str] = field(default_factory=dict)
    """Properties that carry a failure instead of a value, and its reason."""
    hidden: frozenset[str] = frozenset()
    """Properties that are left out."""
    stale_s: float = 0.0
    """Values are so much older than the answer."""
    no_timestamps: bool = False
    """Values carry no timestamp."""
    milliamperes: bool = False
    """Currents are told in mA."""
    ignores_current: bool = False
    """Takes a current and does not keep it."""

    same_nonce: bool = False
    """The service hands out one nonce again and again."""
    wrong_hmac: bool = False
    """Answers carry an HMAC that proves nothing."""
    replays: bool = False
    """The service repeats the container before instead of passing on the latest."""
    other_sender: bool = False
    """Answers come from another serial number."""
    payload: bytes | None = None
    """The charger answers these bytes, well sealed."""
    error_code: int | None = None
    """The charger's side answers with an error container."""
    telematics: str = ""
    """What the service says of a command: `timeout` or `error`; the charger was not reached."""

    def strikes(self, what: str) -> bool:
        """Tell whether something is struck."""
        return not self.only or what in self.only

    def refuses(self, what: str) -> bool:
        """Tell whether a whole command fails."""
        return bool(self.refuse) and (not self.refused or what in self.refused)
