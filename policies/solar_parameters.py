"""Solar parameters: what can be tuned about charging on the sun."""

from controller.domain.wishes import Parameter

PARAMETERS = (
    Parameter(
        name="start_w",
        default=0.0,
        low=0.0,
        high=50_000.0,
        says="Surplus that starts a car; 0: what its minimum weighs on the phases that it uses.",
    ),
    Parameter(
        name="stop_w",
        default=0.0,
        low=0.0,
        high=50_000.0,
        says="Surplus below which a car is to stop; 0: 80 % of what starts it. Never above that.",
    ),
    Parameter(
        name="start_delay_s",
        default=60.0,
        low=0.0,
        high=3600.0,
        says="How long the surplus must be enough before a car starts.",
    ),
    Parameter(
        name="hold_s",
        default=300.0,
        low=0.0,
        high=7200.0,
        says="How long a car keeps its minimum while a cloud passes, before it stops.",
    ),
    Parameter(
        name="rest_s",
        default=300.0,
        low=0.0,
        high=7200.0,
        says="Shortest pause between a stop and the next start.",
    ),
    Parameter(
        name="smooth_s",
        default=30.0,
        low=5.0,
        high=300.0,
        says="A change of the surplus must last this long to count: longer than cars and meters lag. "
        "The first served car's value holds for all.",
    ),
    Parameter(
        name="band_w",
        default=100.0,
        low=0.0,
        high=2000.0,
        says="The shared surplus is raised only by more than this; it is lowered at once. "
        "The first served car's value holds for all.",
    ),
    Parameter(
        name="keep_minimum",
        default=0.0,
        low=0.0,
        high=1.0,
        whole=True,
        says="1: the car charges at its minimum without any sun and takes the surplus on top.",
    ),
    Parameter(
        name="battery_first",
        default=1.0,
        low=0.0,
        high=1.0,
        whole=True,
        says="1: power into the house battery is no surplus. 0: cars go first once the reserve is there. "
        "The first served car's value holds for all.",
    ),
    Parameter(
        name="battery_reserve_pct",
        default=20.0,
        low=0.0,
        high=100.0,
        says="Below this charge the battery goes first in any case; unknown charge counts as below.",
    ),
    Parameter(
        name="battery_w",
        default=0.0,
        low=0.0,
        high=50_000.0,
        says="Power kept free for a battery that goes first while it is below 95 %; 0: what it takes.",
    ),
)
