"""Dialect: what a version of EVerest speaks and can do; the era matrix as data.

Wire form, where limits are set, how their numbers are written and what is enforced changed in different
releases, so each is its own fact.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from adapters.wire.everest import Wire

Version = tuple[int, int, int]

OLDEST: Final[Version] = (2023, 3, 0)
MAIN: Final[Version] = (9999, 0, 0)
"""Whatever is newer than every tag."""

# Branched off after the next release; looks like its successor.
_SIDE_BRANCH: Final[Version] = (2024, 9, 2)

ERAS: Final = {Wire.W1: "up to 2024.10", Wire.W2: "from 2024.11 to 2025.10", Wire.W3: "from 2025.12 on"}

_PATTERN: Final = re.compile(r"^(\d{4})\.(\d{1,2})(?:\.(\d{1,2}))?$")


class Interface(StrEnum):
    """Over which of EVerest's interfaces it is controlled."""

    INTERNAL = "internal"
    """The modules' own messages; they change between versions."""
    API = "api"
    """The module `API` (`everest_api/<evse>/...`)."""
    API_V1 = "api_v1"
    """The versioned EVerest API (`everest_api/1/...`), from 2025.10."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What is true of one version."""

    version: Version

    @property
    def _branch(self) -> Version:
        return (2024, 11, 0) if self.version == _SIDE_BRANCH else self.version

    @property
    def wire(self) -> Wire:
        """The form of internal messages."""
        if self._branch < (2024, 11, 0):
            return Wire.W1
        return Wire.W2 if self._branch < (2025, 12, 0) else Wire.W3

    @property
    def limits_at_node(self) -> bool:
        """Whether limits are set at an EnergyNode; before, at the evse_manager itself."""
        return self._branch >= (2024, 10, 0)

    @property
    def sourced(self) -> bool:
        """Whether each number names its source, and all three schedules have to be there."""
        return self._branch >= (2025, 3, 0)

    @property
    def walks(self) -> bool:
        """Whether a later entry of a schedule is enforced when its time comes."""
        return self._branch >= (2024, 4, 0)

    @property
    def counts_phases(self) -> bool:
        """Whether limits may say how many phases to use."""
        return self._branch >= (2024, 7, 0)

    @property
    def sells_without_export(self) -> bool:
        """Whether a limit without an export schedule makes it offer the full fuse (2023.3 to 2023.9)."""
        return self._branch < (2023, 10, 0)

    @property
    def switches_by_command(self) -> bool:
        """Whether `switch_three_phases_while_charging` exists."""
        return self._branch < (2024, 7, 0)

    @property
    def latches(self) -> bool:
        """Whether the EVerest API can be asked for the latest value of a variable (after 2026.02)."""
        return self._branch >= (2026, 3, 0)

    @property
    def waits_for_energy(self) -> bool:
        """Whether a pause for lack of energy is a state of its own, so that any other pause is a person's."""
        return self._branch < (2026, 2, 0)


def version_of(text: str) -> Version:
    """Read a release's name.

    >>> version_of("2024.9.1"), version_of("main")
    ((2024, 9, 1), (9999, 0, 0))

    Raises:
        ValueError: it is none, or older than what can be controlled.
    """
    if text == "main":
        return MAIN
    found = _PATTERN.match(text)
    if found is None:
        raise ValueError("expected a release of EVerest like 2023.8.0, or main")
    version = int(found[1]), int(found[2]), int(found[3] or 0)
    if version < OLDEST:
        raise ValueError("expected 2023.3.0 or later: older ones take no external limits")
    return version
