"""Figures: what the benchmarks measure, what is wanted of it, and whether it is reached."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured number."""

    area: str
    says: str
    value: float
    unit: str
    at_most: float | None = None
    """What is wanted, one way or the other; neither: for the record."""
    at_least: float | None = None

    @property
    def reached(self) -> bool | None:
        """Whether it is as wanted; `None` where nothing is."""
        if self.at_most is not None:
            return self.value <= self.at_most
        return self.value >= self.at_least if self.at_least is not None else None

    @property
    def shown(self) -> str:
        """The number with its unit, three digits that count."""
        if 0 < abs(self.value) < 0.01:
            return f"{self.value:.0e} {self.unit}".strip()
        digits = 0 if abs(self.value) >= 100 else 1 if abs(self.value) >= 10 else 2
        return f"{self.value:,.{digits}f} {self.unit}".strip()

    @property
    def wanted(self) -> str:
        """The target in words."""
        if self.at_most is not None:
            return f"at most {self.at_most:g} {self.unit}".strip()
        return f"at least {self.at_least:g} {self.unit}".strip() if self.at_least is not None else ""

    @property
    def verdict(self) -> str:
        """One word."""
        return {True: "reached", False: "missed", None: ""}[self.reached]
