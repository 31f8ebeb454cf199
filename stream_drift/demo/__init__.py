"""The whole product on one machine in under a minute: embedded broker, realistic stream, drift."""
