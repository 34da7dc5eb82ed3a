"""Twins of chargers: each speaks its device's real protocol over a real socket."""
