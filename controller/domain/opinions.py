"""Opinions: every policy asked once, and how their words combine into one stance per charger."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from controller.domain.modes import Mode, Policies
from controller.domain.reasons import Code, Reason
from controller.domain.site import ChargerSpec
from controller.domain.units import ChargerId
from controller.domain.view import View
from controller.domain.wishes import Budget, LimiterWish, Member, PolicyMemory, Wish

_Settings = tuple[tuple[str, tuple[tuple[str, float], ...]], ...]
"""By mode: the values of one policy's parameters."""
_Said = Mapping[ChargerId, Wish]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stance:
    """What all policies together want for one charger."""

    mode: str
    wanted_a: float
    reasons: tuple[Reason, ...]
    """The preference that counted first, then every ceiling that lowered it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinions:
    """What all policies said in one tick."""

    stances: Mapping[ChargerId, Stance]
    budgets: tuple[Budget, ...]
    limiters: tuple[LimiterWish, ...]
    memory: Mapping[str, PolicyMemory]


def opinions(
    view: View, policies: Policies, order: Iterable[ChargerSpec], memory: Mapping[str, PolicyMemory]
) -> Opinions:
    """Ask every policy once for all its members, in serving order, and combine what they say."""
    modes = {charger.id: mode_of(view, policies, charger) for charger in order}
    said: dict[str, dict[ChargerId, Wish]] = {}
    budgets: list[Budget] = []
    limiters: list[LimiterWish] = []
    remembered: dict[str, PolicyMemory] = {}
    for name, group in _members(modes).items():
        opinion = policies.registry[name].judge(view, group, memory.get(name, {}))
        said[name] = {wish.charger: wish for wish in opinion.wishes}
        budgets.extend(opinion.budgets)
        limiters.extend(opinion.limiters)
        remembered[name] = opinion.memory
    site, voices = view.site, _voices(modes.values(), said)
    stances = {
        c: _unknown(site.charger[c])
        if mode is None
        else _stance(site.charger[c], mode.name, voices[mode.name])
        for c, mode in modes.items()
    }
    for charger, picked in _gone_modes(view, policies).items():
        stance = stances[charger]
        gone = Reason(code=Code.MODE_UNKNOWN, by=picked)
        stances[charger] = replace(stance, reasons=(*stance.reasons, gone))
    return Opinions(stances=stances, budgets=tuple(budgets), limiters=tuple(limiters), memory=remembered)


def _members(modes: Mapping[ChargerId, Mode | None]) -> dict[str, tuple[Member, ...]]:
    """Gather the members of every policy that stands in a mode in use."""
    in_use = {mode.name: mode for mode in modes.values() if mode is not None}
    named = tuple([(charger, mode.name) for charger, mode in modes.items() if mode is not None])
    members: dict[str, tuple[Member, ...]] = {}
    # Policies with the same settings in the same modes share their members: most have none.
    groups: dict[_Settings, tuple[Member, ...]] = {}
    for policy in dict.fromkeys(policy for mode in in_use.values() for policy in mode.stack):
        settings: _Settings = tuple(
            (name, tuple(sorted(mode.settings.get(policy, {}).items())))
            for name, mode in in_use.items()
            if policy in mode.stack
        )
        if settings not in groups:
            groups[settings] = _group(named, settings)
        members[policy] = groups[settings]
    return members


@lru_cache(maxsize=16)
def _group(named: tuple[tuple[ChargerId, str], ...], settings: _Settings) -> tuple[Member, ...]:
    """Make the members of one group; from tick to tick they are nearly always the same."""
    by_mode = {name: dict(values) for name, values in settings}
    return tuple(Member(charger=c, mode=n, settings=by_mode[n]) for c, n in named if n in by_mode)


def mode_of(view: View, policies: Policies, charger: ChargerSpec) -> Mode | None:
    """Find the mode in force: a boost, else what a person picked, else what is configured."""
    request = view.requests.get(charger.id)
    if request is None:
        return policies.modes.get(charger.mode)
    if request.boost_until is not None and view.at < request.boost_until:
        return policies.modes.get(policies.boost)
    picked = None if request.mode is None else policies.modes.get(request.mode)
    return policies.modes.get(charger.mode) if picked is None else picked


def _gone_modes(view: View, policies: Policies) -> dict[ChargerId, str]:
    """Find the modes that persons picked and that are no more: their chargers follow what is configured."""
    return {
        charger: request.mode
        for charger, request in view.requests.items()
        if request.mode is not None and request.mode not in policies.modes
    }


def _unknown(spec: ChargerSpec) -> Stance:
    unknown = Reason(code=Code.MODE_UNKNOWN, by=spec.mode, current_a=0.0)
    return Stance(mode=spec.mode, wanted_a=0.0, reasons=(unknown,))


def _voices(modes: Iterable[Mode | None], said: Mapping[str, _Said]) -> dict[str, list[_Said]]:
    """List by mode what its policies said, in the order of its stack, without those that said nothing."""
    in_use = {mode.name: mode for mode in modes if mode is not None}
    return {name: [said[policy] for policy in mode.stack if said[policy]] for name, mode in in_use.items()}


def _stance(spec: ChargerSpec, mode: str, voices: Iterable[_Said]) -> Stance:
    preference: Wish | None = None
    ceilings: list[Wish] = []
    for wishes in voices:
        wish = wishes.get(spec.id)
        if wish is None:
            continue
        if preference is None and wish.preferred_a is not None:
            preference = wish
        if wish.ceiling_a is not None:
            ceilings.append(wish)
    return _combined(spec, mode, preference, ceilings)


def _combined(spec: ChargerSpec, mode: str, preference: Wish | None, ceilings: list[Wish]) -> Stance:
    if preference is not None and preference.preferred_a is not None and not ceilings:
        return _plain(mode, preference.preferred_a, preference.reason)
    if preference is None or preference.preferred_a is None:
        wanted_a = spec.max_a
        reasons = [Reason(code=Code.MAXIMUM, by=spec.id, current_a=wanted_a)]
    else:
        wanted_a = preference.preferred_a
        reasons = [preference.reason]
    for wish in ceilings:
        if wish.ceiling_a is not None and wish.ceiling_a < wanted_a:
            wanted_a = wish.ceiling_a
            reasons.append(wish.reason)
    return Stance(mode=mode, wanted_a=wanted_a, reasons=tuple(reasons))


@lru_cache(maxsize=1024)
def _plain(mode: str, wanted_a: float, reason: Reason) -> Stance:
    """Make what thousands of chargers share: one preference that nothing lowers."""
    return Stance(mode=mode, wanted_a=wanted_a, reasons=(reason,))
