"""The simulated house: physics without sockets, seeded and deterministic."""
