"""The record of all decisions of one local AWS, by principal, action, resource and outcome."""

from collections import Counter
from threading import Lock
from typing import Any

from guardrails.iam.evaluation import Decision
from local.emulator.authorization.needs import Need


class Record:
    """The number of each decision."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, str, str, str]] = Counter()
        self._lock = Lock()

    def add(self, principal: str, need: Need, decision: Decision) -> None:
        """Count a decision."""
        reason = "" if decision.outcome.value == "allowed" else decision.reason
        with self._lock:
            self._counts[principal, need.action, need.resource or "", decision.outcome.value, reason] += 1

    def as_json(self) -> list[dict[str, Any]]:
        """Return each decision once, with the number of requests."""
        names = ("principal", "action", "resource", "outcome", "reason")
        with self._lock:
            return [{**dict(zip(names, key, strict=True)), "count": n} for key, n in self._counts.items()]


RECORD = Record()
"""The record of this process."""
