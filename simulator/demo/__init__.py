"""The demo: its configuration, its referee and its picture."""
