"""What a simulated Lektri.co charger may do wrong; change any field while it runs."""

from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class Faults:
    """Every misbehaviour that was seen or has to be expected; the default is none."""

    forms: set[str] = field(default_factory=lambda: {"get", "post", "frame"})
    """The wire forms that it understands."""
    only: frozenset[str] = frozenset()
    """Methods (lower case) that the faults below strike; empty: all."""
    refuse: int | None = None
    """Answers this error code."""
    false: bool = False
    """Answers `false`."""
    body: bytes | None = None
    """Answers these bytes instead of JSON."""
    hang: bool = False
    """Takes the request and never answers."""
    reset: bool = False
    """Resets the connection when a request came."""
    resets_left: int = 0
    """Resets the connection for so many requests more."""
    deaf: bool = False
    """Takes the request, obeys, and resets the connection instead of answering."""
    delay_s: float = 0.0
    """Answers late."""
    close_each: bool = False
    """Closes the connection after each answer."""
    absent: frozenset[str] = frozenset()
    """Methods (lower case) that this firmware does not know."""
    absent_with_code: bool = False
    """Says -6 instead of HTTP 404 for them."""
    em_ignored: bool = False
    """Takes EM_current and does not keep it."""
    text_values: bool = False
    """Wants every config_value as a string."""
    plain_keys: bool = False
    """Leaves out the trailing blanks that the interface document prints."""
    hidden_keys: frozenset[str] = frozenset()
    """Keys (without blanks) that old firmware does not tell."""
    login: tuple[str, str, str] | None = None
    """Asks for (user, password, `basic` or `digest`)."""

    def strikes(self, method: str) -> bool:
        """Tell whether a method is struck."""
        return not self.only or method.lower() in self.only
