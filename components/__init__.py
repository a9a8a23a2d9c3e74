"""The deployed pipeline: pure descriptions of it, and the Pulumi components that create it."""
