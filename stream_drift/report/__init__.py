"""Incidents as a self-contained page: HTML and SVG as text, from alerts and scores alone. Pure."""
