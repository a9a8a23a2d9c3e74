"""The AWS of one laptop, and the command that runs the pipeline on it."""
