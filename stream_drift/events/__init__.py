"""Bytes to columns: what a record means for one monitor. Pure; bad input becomes rejects."""
