"""What a simulated EVerest may do wrong; change any field while it runs."""

from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class Faults:
    """Every misbehaviour that has to be expected; the default is none."""

    mute: bool = False
    """Publishes no variable."""
    hang: bool = False
    """Publishes nothing and takes no command."""
    deaf: bool = False
    """Takes commands, obeys, and answers nothing."""
    ignores_limits: bool = False
    """Answers that it took a limit, and did not."""
    refuse: str | None = None
    """Answers commands with a failure of this kind."""
    delay_s: float = 0.0
    """Answers late."""
    body: bytes | None = None
    """Says these bytes instead of everything."""
    wrong_types: bool = False
    """Sends texts where numbers belong, and numbers where objects do."""
    hides_currents: bool = False
    """Its meter tells energy alone."""
    hides_amperes: bool = False
    """Tells what it enforces in watts alone."""
    says_ready: bool = True
    """After a start it says that it is ready; without, nobody was there to hear it."""
