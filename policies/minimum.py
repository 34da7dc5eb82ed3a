"""Minimum: at least the smallest current the charger can hold, day and night."""

from controller.domain.reasons import Code, Reason
from controller.domain.site import ChargerSpec
from controller.domain.view import View
from controller.domain.wishes import Member, Opinion, Parameter, PolicyMemory, Wish
from policies.cars import minimum_a


class Minimum:
    """States the minimum, for stacks in which nobody above it wanted more."""

    name = "minimum"
    parameters: tuple[Parameter, ...] = ()

    def judge(
        self,
        view: View,
        members: tuple[Member, ...],
        memory: PolicyMemory,  # noqa: ARG002 - the protocol's shape
    ) -> Opinion:
        """Want the minimum for every member."""
        specs = (view.site.charger.get(member.charger) for member in members)
        return Opinion(wishes=tuple(_wish(spec) for spec in specs if spec is not None))


def _wish(spec: ChargerSpec) -> Wish:
    min_a = minimum_a(spec)
    reason = Reason(code=Code.MINIMUM, by=Minimum.name, current_a=min_a)
    return Wish(charger=spec.id, preferred_a=min_a, reason=reason)
