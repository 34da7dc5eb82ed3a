"""Phasewise keeps EV charging inside what a site can bear.

The words of this house; every module, TOML key, topic and column uses them so:

Site         what is wired to what, and how much each part can bear
Circuit      a node of the supply tree: per-phase current limit, optional power limit, optional own meter
Charger      whatever obeys a current limit: an EVSE, or a car that limits itself
Reading      a value, and the instant it was true
Snapshot     everything one tick may look at; frozen
Wish         one policy's word about one charger: preference, ceiling, reason
Background   what the circuit carries besides the chargers, per phase
Headroom     what the circuit can still bear, per phase
Budget       a limit that a group of chargers shares for a policy's reason (surplus, cap)
Share        the current one charger gets, with every reason that shaped it
Allocation   all shares of a tick
Plan         the few writes worth sending: cuts first, then raises
Promise      the most a charger may believe it is allowed to draw, per phase, and until when
Decision     snapshot + allocation + plan: what the journal keeps
Tick         look, decide, act, record, wait
Mode         a named stack of policies that a person picks for a charger
Twin         a simulated device that speaks the real protocol over a real socket

Quantities end in their unit (`limit_a`, `power_w`, `age_s`). Positive power and current flow into the
site, into a car, into a battery. `None` is unknown, and unknown is never zero.
"""
