"""The weekly machine, which runs the pipeline."""
