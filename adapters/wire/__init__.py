"""Protocols without devices."""
