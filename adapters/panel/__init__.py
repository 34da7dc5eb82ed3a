"""The panel: the site's state and its tuning knobs as MQTT topics."""

from adapters.panel.incoming import parse_command
from adapters.panel.outgoing import Extras, state_topics
from adapters.panel.panel import Panel

__all__ = ["Extras", "Panel", "parse_command", "state_topics"]
