"""Settings: one TOML file in, one frozen object out, or one line for every value that is wrong.

Only the kinds of device that a file names are imported.
"""

from controller.settings.loading import load, load_door
from controller.settings.schema import schema
from controller.settings.settings import Device, Settings, Vehicle

__all__ = ["Device", "Settings", "Vehicle", "load", "load_door", "schema"]
