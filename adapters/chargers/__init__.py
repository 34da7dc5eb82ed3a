"""Chargers: one module or package each."""
