"""Off: no charging at all."""

from controller.domain.reasons import Code, Reason
from controller.domain.view import View
from controller.domain.wishes import Member, Opinion, Parameter, PolicyMemory, Wish


class Off:
    """Pauses every member, wherever it stands in the stack."""

    name = "off"
    parameters: tuple[Parameter, ...] = ()

    def judge(
        self,
        view: View,  # noqa: ARG002 - the protocol's shape
        members: tuple[Member, ...],
        memory: PolicyMemory,  # noqa: ARG002 - the protocol's shape
    ) -> Opinion:
        """Want nothing for every member, and let nobody want more."""
        reason = Reason(code=Code.OFF, by=self.name, current_a=0.0)
        return Opinion(
            wishes=tuple(
                Wish(charger=member.charger, preferred_a=0.0, ceiling_a=0.0, reason=reason)
                for member in members
            )
        )
