"""Why a run could not be made, in a sentence for whoever asked for it."""


class RunError(Exception):
    """The run cannot be made; the text says what, why and what to do."""
