"""The state machine that watches over the runs."""
