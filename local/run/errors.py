"""The error that ends a run, with a sentence for the person who started it."""


class RunError(Exception):
    """The run cannot be made; the text says what is wrong, why, and what to do."""
