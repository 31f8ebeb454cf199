"""stream-drift: a drift monitor for machine-learning models on Kafka."""

__version__ = "0.1.0"
