"""The HTTP side: metrics exposition and health. Computes nothing."""
