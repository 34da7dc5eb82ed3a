"""Fakes: small honest implementations of the ports."""
