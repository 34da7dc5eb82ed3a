"""What a simulated Tesla, its proxies and its cloud may do wrong; change any field while they run."""

from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class Faults:
    """Every misbehaviour that was seen or has to be expected; the default is none.

    Calls are named by their command, or `presence`, `vehicle_data`, `wake_up`, `fleet_status`,
    `region`, `vehicles`, `token`.
    """

    only: frozenset[str] = frozenset()
    """Calls that the faults below strike; empty: all but `token`."""
    hang: bool = False
    """Takes the request and never answers."""
    reset: bool = False
    """Resets the connection when a request came."""
    deaf: bool = False
    """Takes the request, obeys, and resets the connection instead of answering."""
    delay_s: float = 0.0
    """Answers late."""
    obeyed_delay_s: float = 0.0
    """Obeys at once and answers late."""
    body: bytes | None = None
    """Answers these bytes instead of JSON."""
    status: int | None = None
    """Answers this code and `error`, without doing anything."""
    error: str = ""
    retry_after_s: int | None = None
    """For a 429."""
    reason: str | None = None
    """The car refuses commands with this reason."""
    busy_left: int = 0
    """The car is busy for so many commands more."""
    without_effect: bool = False
    """Commands are answered as done and do nothing."""
    hidden_keys: frozenset[str] = field(default=frozenset())
    """Fields of `charge_state` that are not told."""
    unsigned: bool = False
    """The car wants signed commands: 403 unless a proxy signs."""
    other_url: str = ""
    """Another region is responsible: 421 with this address."""

    def strikes(self, call: str) -> bool:
        """Tell whether a call is struck."""
        return call in self.only if self.only else call != "token"
