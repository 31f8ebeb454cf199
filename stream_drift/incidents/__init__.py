"""The life of an incident and the alerts about it. Pure; computes no statistic."""
