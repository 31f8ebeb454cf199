"""Loops that carry records into the engine and its effects out; lifecycle, health, watchdog."""
