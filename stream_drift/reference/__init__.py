"""The reference snapshot: building, reading and comparing it. Pure."""
