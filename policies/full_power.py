"""Full power: as much as the charger can, as soon as possible."""

from functools import lru_cache

from controller.domain.reasons import Code, Reason
from controller.domain.units import ChargerId
from controller.domain.view import View
from controller.domain.wishes import Member, Opinion, Parameter, PolicyMemory, Wish
from policies.cars import maximum_a


class FullPower:
    """States the maximum; says so when it stands for a boost."""

    name = "full_power"
    parameters: tuple[Parameter, ...] = ()

    def judge(
        self,
        view: View,
        members: tuple[Member, ...],
        memory: PolicyMemory,  # noqa: ARG002 - the protocol's shape
    ) -> Opinion:
        """Want the maximum for every member."""
        wishes: list[Wish] = []
        for member in members:
            spec = view.site.charger.get(member.charger)
            if spec is None:
                continue
            max_a, boost_s = maximum_a(spec), _boost_left_s(view, spec.id)
            if boost_s is not None:
                wishes.append(_boosted(spec.id, max_a, view.mono_s + boost_s))
                continue
            wishes.append(_plain(spec.id, max_a))
        return Opinion(wishes=tuple(wishes))


# Thousands of chargers say the same thing at every tick.
@lru_cache(maxsize=16_384)
def _plain(charger: ChargerId, max_a: float) -> Wish:
    return Wish(charger=charger, preferred_a=max_a, reason=_reason(max_a))


@lru_cache(maxsize=64)
def _reason(max_a: float) -> Reason:
    return Reason(code=Code.FULL_POWER, by=FullPower.name, current_a=max_a)


def _boost_left_s(view: View, charger: ChargerId) -> float | None:
    request = view.requests.get(charger)
    if request is None or request.boost_until is None or request.boost_until <= view.at:
        return None
    return (request.boost_until - view.at).total_seconds()


def _boosted(charger: ChargerId, max_a: float, until_mono_s: float) -> Wish:
    reason = Reason(code=Code.BOOST, by=FullPower.name, current_a=max_a)
    return Wish(charger=charger, preferred_a=max_a, reason=reason, until_mono_s=until_mono_s)
