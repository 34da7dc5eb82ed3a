"""The journal in a database; the only place beside the migrations that speaks SQL."""
