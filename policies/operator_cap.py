"""Operator cap: the grid operator's limit on all charging of the site, until it expires."""

from controller.domain.reasons import Code, Reason
from controller.domain.view import View
from controller.domain.wishes import Budget, Member, Opinion, Parameter, PolicyMemory
from policies.cars import known


class OperatorCap:
    """Turns the cap into one budget over every charger of the site, whatever its mode."""

    name = "operator_cap"
    parameters: tuple[Parameter, ...] = ()

    def judge(
        self,
        view: View,
        members: tuple[Member, ...],  # noqa: ARG002 - the cap is the site's, not the members'
        memory: PolicyMemory,  # noqa: ARG002 - the protocol's shape
    ) -> Opinion:
        """Hold all chargers together within the cap."""
        cap = view.cap
        limit_w = known(cap.limit_w) if cap is not None else None
        if cap is None or limit_w is None or cap.until <= view.at:
            return Opinion()
        limit_w = max(0.0, limit_w)
        budget = Budget(
            id=self.name,
            chargers=tuple(charger.id for charger in view.site.chargers),
            limit_w=limit_w,
            reason=Reason(code=Code.OPERATOR_CAP, by=self.name, value=limit_w),
        )
        return Opinion(budgets=(budget,))
