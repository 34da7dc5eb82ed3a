"""Grid, solar and battery meters."""
