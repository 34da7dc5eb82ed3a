"""Person: the ceiling that a person set, until it expires or is lifted."""

from controller.domain.reasons import Code, Reason
from controller.domain.units import ChargerId
from controller.domain.view import View
from controller.domain.wishes import Member, Opinion, Parameter, PolicyMemory, Wish
from policies.cars import known


class Person:
    """Lowers the ceiling to what a person asked; the mode and a boost choose the stack itself."""

    name = "person"
    parameters: tuple[Parameter, ...] = ()

    def judge(
        self,
        view: View,
        members: tuple[Member, ...],
        memory: PolicyMemory,  # noqa: ARG002 - the protocol's shape
    ) -> Opinion:
        """Cap every member for which a person set a ceiling that is still in force."""
        wishes = (self._wish(view, member.charger) for member in members)
        return Opinion(wishes=tuple(wish for wish in wishes if wish is not None))

    def _wish(self, view: View, charger: ChargerId) -> Wish | None:
        request = view.requests.get(charger)
        limit_a = known(request.limit_a) if request is not None else None
        if request is None or limit_a is None:
            return None
        left_s = (request.limit_until - view.at).total_seconds() if request.limit_until else None
        if left_s is not None and left_s <= 0:
            return None
        ceiling_a = max(0.0, limit_a)
        return Wish(
            charger=charger,
            ceiling_a=ceiling_a,
            reason=Reason(code=Code.PERSON, by=self.name, current_a=ceiling_a),
            until_mono_s=None if left_s is None else view.mono_s + left_s,
        )
