"""The two state machines, profiler and detector, and the effects they return. Pure."""
