"""The state machine that runs the pipeline."""
