"""Tuning: one parameter of one mode changed, within its bounds."""

from dataclasses import replace

from controller.domain.modes import Policies
from controller.errors import SettingsError
from controller.policy_files.checking import checked_value, expectation, nearest


def tuned(policies: Policies, mode: str, policy: str, parameter: str, value: float) -> Policies:
    """Return the policies with one value changed; the given ones stay as they are.

    Raises:
        SettingsError: unknown mode, policy or parameter, or a value out of bounds.
    """
    key = f"policy/{mode}/{policy}/{parameter}"
    picked = policies.modes.get(mode)
    if picked is None:
        raise SettingsError("tuning", key, None, f"unknown mode{nearest(mode, policies.modes)}")
    if policy not in picked.settings:
        raise SettingsError("tuning", key, None, f"unknown policy{nearest(policy, picked.stack)}")
    parameters = {each.name: each for each in policies.registry[policy].parameters}
    if parameter not in parameters:
        raise SettingsError("tuning", key, None, f"unknown parameter{nearest(parameter, parameters)}")
    taken = checked_value(parameters[parameter], value)
    if taken is None:
        raise SettingsError("tuning", key, value, expectation(parameters[parameter]))
    values = {**picked.settings[policy], parameter: taken}
    changed = replace(picked, settings={**picked.settings, policy: values})
    return replace(policies, modes={**policies.modes, mode: changed})
