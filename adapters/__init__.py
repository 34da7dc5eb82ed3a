"""Adapters: protocols and devices, each ignorant of the others."""
