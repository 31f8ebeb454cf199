"""Events of the past: a file, a stretch of a topic, or what an incident is about."""
