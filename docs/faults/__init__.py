"""The page about faults, and its data."""
