"""Picture: what is known of a car that limits itself, put together from looks and from what it was told."""

import logging
from collections.abc import Callable
from dataclasses import replace

from adapters.chargers.tesla.answers import Presence
from adapters.chargers.tesla.looking import Look
from adapters.chargers.tesla.state import KNOWN_STATES, Heard, Home, is_here, limit_in_force_a, state_of
from adapters.chargers.tesla.trackers import Orders, Sessions
from controller.domain.readings import ChargerState, Draw, Plug, VehicleState
from controller.domain.units import ZERO, ChargerId
from controller.ports import Clock

_log = logging.getLogger("phasewise.devices")


class Picture:
    """The latest of one car; every change is published."""

    def __init__(self, charger: ChargerId, home: Home, clock: Clock, grace_s: float) -> None:
        self._id, self._home, self._clock = charger, home, clock
        self.heard: Heard | None = None
        """The latest look that the car itself answered."""
        self.known: ChargerState | None = None
        """What was published last."""
        self.orders = Orders(grace_s=grace_s)
        self._sessions = Sessions()
        self._strange: set[str] = set()
        self.publish: Callable[[ChargerState], None] = nobody
        self.on_vehicle: Callable[[VehicleState], None] = _no_listener

    @property
    def plug(self) -> Plug:
        """Whether it was plugged in here when it was last asked."""
        return self._sessions.plug

    @property
    def is_here(self) -> bool:
        """Whether it is here, as far as anybody knows."""
        return self.heard is None or self.heard.is_here

    @property
    def limit_a(self) -> float | None:
        """The limit in force when the car was last asked."""
        return None if self.heard is None else limit_in_force_a(self.heard)

    @property
    def is_to_charge(self) -> bool:
        """Whether it is plugged in here and is to charge; what it draws is worth the price of a look then."""
        if self.heard is None or not self.heard.plug.car:
            return False
        is_done = self.heard.charge.charging_state == "Complete" or self.orders.held_by_person
        return not is_done and self.orders.ordered_a != 0.0

    def take(self, look: Look) -> None:
        """Take a look into the picture, unless a limit was written and read back meanwhile."""
        if self._is_overtaken(look):
            return
        if look.vehicle is None:
            self._publish_unasked(look)
            return
        self._say_strange(look.vehicle.charge.charging_state)
        here = is_here(look.vehicle, self._home)
        heard = Heard(at_mono_s=look.at_mono_s, vehicle=look.vehicle, is_here=here, plug_before=self.plug)
        self._sessions.look(heard.plug, self._clock.now())
        self.orders.look(heard.charge, self._sessions.session_id, look.at_mono_s)
        self.heard = replace(
            heard,
            ordered_a=self.orders.ordered_a,
            held_by_person=self.orders.held_by_person,
            session_id=self._sessions.session_id,
        )
        self._tell(state_of(self._id, self.heard, self._home))
        self._tell_vehicle(look.at_mono_s)

    def ordered(self, limit_a: float, mono_s: float) -> None:
        """Take note that the car took a limit."""
        self.orders.told(limit_a, mono_s)
        if self.heard is not None:
            self.heard = replace(self.heard, ordered_a=limit_a, held_by_person=self.orders.held_by_person)

    def left(self, mono_s: float) -> None:
        """Publish that it is not plugged in here, and is not to charge by itself when it returns."""
        nothing = (Draw(at_mono_s=mono_s, currents_a=ZERO),)
        self._tell(
            ChargerState(id=self._id, at_mono_s=mono_s, plug=Plug.A, limit_a=0.0, draws=nothing, power_w=0.0)
        )

    def _is_overtaken(self, look: Look) -> bool:
        known_mono_s = look.at_mono_s if self.known is None else self.known.at_mono_s
        return look.at_mono_s < max(known_mono_s, self.orders.answered_mono_s)

    def _publish_unasked(self, look: Look) -> None:
        """Say what is certain of a car that cannot be asked: it is where it was; its limit is not told."""
        known = self.known or ChargerState(id=self._id, at_mono_s=look.at_mono_s)
        is_asleep = look.presence is Presence.ASLEEP
        may_draw = not is_asleep and (self.known is None or known.plug is Plug.C)
        draws = () if may_draw else (Draw(at_mono_s=look.at_mono_s, currents_a=ZERO),)
        self._tell(
            replace(
                known,
                at_mono_s=look.at_mono_s,
                plug=Plug.B if known.plug is Plug.C and not may_draw else known.plug,
                limit_a=None,
                draws=draws,
                power_w=0.0 if draws else None,
            )
        )
        if draws and known.plug.car:
            self._tell_vehicle(look.at_mono_s)  # What does not charge keeps its charge.

    def _tell(self, state: ChargerState) -> None:
        self.known = state
        self.publish(state)

    def _tell_vehicle(self, at_mono_s: float) -> None:
        if self.heard is None or not self.heard.is_here:
            return
        self.on_vehicle(VehicleState(at_mono_s=at_mono_s, soc_pct=self.heard.charge.soc_pct))

    def _say_strange(self, word: str | None) -> None:
        if word is not None and word not in KNOWN_STATES and word not in self._strange:
            self._strange.add(word)
            _log.info("%s: tells charging_state %r, which this version does not know", self._id, word[:40])


def nobody(_: ChargerState) -> None:
    """Hear a state while nobody runs the charger."""


def _no_listener(_: VehicleState) -> None:
    """Hear of the vehicle while nobody wants to know."""
