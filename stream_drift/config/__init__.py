"""YAML to the settings of the other parts; every mistake is reported at once."""
