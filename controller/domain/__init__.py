"""The pure core: no clock, no I/O, no logging, no randomness; total on every snapshot."""
