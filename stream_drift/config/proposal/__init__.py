"""From a look at some events to a first configuration, each choice with its reason."""
