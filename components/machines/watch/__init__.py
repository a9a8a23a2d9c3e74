"""The watch machine, which monitors the runs."""
