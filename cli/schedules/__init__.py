"""The schedule that starts the runs, and the weeks without a run."""
