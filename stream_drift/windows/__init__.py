"""Time and order: blocks, panes, watermarks, chains, trailing windows. Pure."""
