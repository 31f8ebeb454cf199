"""The demo's configuration, as a user would write it."""

from __future__ import annotations

from stream_drift.demo.loans import CATEGORIES, NUMBERS

INPUT_TOPIC = "loan.applications"
MONITOR = "loan-approval"
WINDOW = "1h"


def config_text(bootstrap: str, port: int) -> str:
    """The YAML file."""
    features = [f"      {name}: number" for name in NUMBERS]
    features += [f"      {name}: category" for name in CATEGORIES]
    return f"""\
name: demo
kafka:
  bootstrap.servers: {bootstrap}
  group.protocol: consumer
monitors:
  {MONITOR}:
    model_version: "1"
    reference: loans.reference.json
    pane: 5m
    windows: [{WINDOW}]
    lateness: 1m
    inputs:
      - topic: {INPUT_TOPIC}
        format: json
        carries: [features, prediction]
        event_id: application_id
        time: applied_at
    features:
{chr(10).join(features)}
    prediction: {{value: approved, score: approval_score, task: binary, positive: 1}}
    detection:
      false_incidents_per_30d: 1
      learning: none
http: {{port: {port}}}
"""
