"""Session energy: no more than so much energy in one charging session."""

from controller.domain.reasons import Code, Reason
from controller.domain.units import ChargerId
from controller.domain.view import View
from controller.domain.wishes import Member, Opinion, Parameter, PolicyMemory, Wish
from policies.cars import known


class SessionEnergy:
    """Pauses a charger whose session has got its energy.

    While a charger is silent the last energy heard counts: silence does not refill a session.
    """

    name = "session_energy"
    parameters: tuple[Parameter, ...] = (
        Parameter(
            name="limit_wh",
            default=0.0,
            low=0.0,
            high=500_000.0,
            says="Energy after which a session pauses; 0: none. A person's own limit goes before it.",
        ),
    )

    def judge(self, view: View, members: tuple[Member, ...], memory: PolicyMemory) -> Opinion:
        """Pause the members that have had enough."""
        kept: dict[str, tuple[float, ...]] = {}
        wishes: list[Wish] = []
        for member in members:
            session_wh = _session_wh(view, member.charger, memory)
            if session_wh is None:
                continue
            kept[member.charger] = (session_wh,)
            limit_wh = _limit_wh(view, member)
            if limit_wh is not None and session_wh >= limit_wh:
                wishes.append(self._done(member.charger, session_wh, limit_wh))
        return Opinion(wishes=tuple(wishes), memory=kept)

    def _done(self, charger: ChargerId, session_wh: float, limit_wh: float) -> Wish:
        reason = Reason(
            code=Code.ENERGY_DONE, by=self.name, current_a=0.0, value=round(session_wh), needed=limit_wh
        )
        return Wish(charger=charger, ceiling_a=0.0, reason=reason)


def _session_wh(view: View, charger: ChargerId, memory: PolicyMemory) -> float | None:
    state = view.chargers.get(charger)
    heard_wh = known(state.session_wh) if state is not None else None
    if heard_wh is not None:
        return heard_wh
    if state is not None and not state.plug.car:
        return None
    remembered = memory.get(charger)
    return remembered[0] if remembered else None


def _limit_wh(view: View, member: Member) -> float | None:
    request = view.requests.get(member.charger)
    asked_wh = known(request.session_limit_wh) if request is not None else None
    if asked_wh is not None:
        return asked_wh
    return member.settings["limit_wh"] or None
