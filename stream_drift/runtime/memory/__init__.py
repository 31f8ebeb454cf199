"""The log in memory: a cluster of its own that keeps the contract of `runtime.transport`."""
