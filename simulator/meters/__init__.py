"""Twins of meters: real Modbus servers and real Speedwire telegrams."""
