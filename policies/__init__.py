"""Policies: what people want, one module a want, presets as TOML.

A new policy is a module with a class that follows `controller.domain.wishes.Policy`, and one line here.
"""

from collections.abc import Mapping
from types import MappingProxyType

from controller.domain.wishes import Policy
from policies.departure import Departure
from policies.full_power import FullPower
from policies.minimum import Minimum
from policies.off import Off
from policies.operator_cap import OperatorCap
from policies.person import Person
from policies.phase_balance import PhaseBalance
from policies.session_energy import SessionEnergy
from policies.solar_surplus import SolarSurplus
from policies.tariff import Tariff

_POLICIES: tuple[Policy, ...] = (
    Person(),
    OperatorCap(),
    SessionEnergy(),
    FullPower(),
    Off(),
    Minimum(),
    SolarSurplus(),
    Tariff(),
    Departure(),
    PhaseBalance(),
)

ALL: Mapping[str, Policy] = MappingProxyType({policy.name: policy for policy in _POLICIES})
"""Every policy by its name."""

ALWAYS = (Person.name, OperatorCap.name, SessionEnergy.name)
"""Policies that stand in every stack, named there or not: no mode escapes a person or the operator."""
