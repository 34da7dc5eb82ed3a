"""Migrations of the journal's database, run by themselves when it is opened."""

HEAD = "0003"
"""The newest revision under `versions`; a database that is there already needs no Alembic at start."""
