"""Columns to mergeable profiles. Pure; everything additive is an integer."""
