"""The error for a saved state that cannot be used."""

_ANEW = "type `ccapi local up` to begin anew"


class StateError(Exception):
    """A saved state is refused; the text is a sentence without a full stop: what is wrong, and what to type."""

    def __init__(self, what: str, remedy: str = _ANEW) -> None:
        super().__init__(f"{what}; {remedy}")
