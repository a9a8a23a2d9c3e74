"""The metrics of a stack: those that its machines and AWS publish for it."""
