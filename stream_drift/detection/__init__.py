"""When something really changed: the policies. Pure; compares scores and evidence with limits."""
