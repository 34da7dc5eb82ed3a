"""Twins on real sockets, and the house they live in."""
