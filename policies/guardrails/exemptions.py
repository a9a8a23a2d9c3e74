"""Exemptions of a stack: violations that its limits file accepts, each with a reason and perhaps a last day."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """The acceptance of one rule's violations by one resource, or by one state of a state machine."""

    rule: str
    resource: str
    """The name of the resource in the program."""
    reason: str
    state: str | None = None
    """The name of the state; None exempts the whole resource."""
    until: date | None = None
    """The last day on which it is valid."""

    def is_valid(self, day: date) -> bool:
        """Return True if the exemption has not ended before a day."""
        return self.until is None or day <= self.until

    def __str__(self) -> str:
        """Return the rule, and what is exempted from it."""
        return f"{self.rule} for {self.resource}{f', state {self.state}' if self.state else ''}"
