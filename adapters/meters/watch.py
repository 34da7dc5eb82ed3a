"""Watch: looks at the readings of one meter in their sequence, and says once what is odd."""

import logging
from collections.abc import Hashable

from adapters.meters.plausible import FrozenWatch, mismatch
from controller.domain.readings import MeterReading

_LOG = logging.getLogger(__name__)


class Watch:
    """Outlives the runs of a meter, so that a restart does not thaw frozen values."""

    def __init__(self, frozen_after_s: float) -> None:
        self._frozen = FrozenWatch(frozen_after_s)
        self._complaint: str | None = None

    def look(self, reading: MeterReading, raw: Hashable) -> MeterReading:
        """Pass a reading on; warn once when its phases stop adding up.

        Raises:
            DeviceNonsense: frozen.
        """
        self._frozen.check(raw, reading)
        complaint = mismatch(reading)
        if complaint and not self._complaint:
            _LOG.warning("meter %s: %s", reading.id, complaint)
        self._complaint = complaint
        return reading
