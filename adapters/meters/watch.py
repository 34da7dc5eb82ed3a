"""Watch: looks at the readings of one meter in their sequence, and says once what is odd."""

import logging
from collections.abc import Hashable

from adapters.meters.plausible import FrozenWatch, mismatch
from controller.domain.readings import MeterReading

_LOG = logging.getLogger(__name__)

# A load that switches between two blocks of one reading is no crossed wiring: that stays.
_IN_A_ROW = 5


class Watch:
    """Outlives the runs of a meter, so that a restart does not thaw frozen values."""

    def __init__(self, frozen_after_s: float) -> None:
        self._frozen = FrozenWatch(frozen_after_s)
        self._odd = 0
        """How many readings in a row did not add up."""

    def look(self, reading: MeterReading, raw: Hashable) -> MeterReading:
        """Pass a reading on; warn once when its phases have stopped adding up.

        Raises:
            DeviceNonsense: frozen.
        """
        self._frozen.check(raw, reading)
        complaint = mismatch(reading)
        self._odd = self._odd + 1 if complaint else 0
        if self._odd == _IN_A_ROW:
            _LOG.warning("meter %s: %s", reading.id, complaint)
        return reading
