"""The journal in SQL: SQLite by default, PostgreSQL by URL. `docs/storage.md` says what is kept and why."""
