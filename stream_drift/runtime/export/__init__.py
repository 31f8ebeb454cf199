"""From an incident to the events to retrain on: read back, joined with labels, written down."""
