"""The record of all decisions of one local AWS, and of the grants that they needed."""

from collections import Counter
from collections.abc import Iterable
from threading import Lock
from typing import Any

from guardrails.iam.document import Policy
from guardrails.iam.evaluation import Decision, Outcome, Policies
from guardrails.iam.grants import Grant, granting, grants_of, is_needed
from guardrails.iam.request import Request
from local.emulator.callers import current

_NAMES = ("principal", "action", "outcome", "reason")


class Record:
    """The number of each decision, and one request for each caller and combination of grants that allowed one."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, ...]] = Counter()
        self._resources: dict[tuple[str, ...], str] = {}
        self._allowed: dict[tuple[str, str, frozenset[Grant]], tuple[Request, Policies]] = {}
        self._lock = Lock()

    def add(self, request: Request, policies: Policies, decision: Decision) -> None:
        """Record a decision."""
        is_allowed = decision.outcome is Outcome.ALLOWED
        reason = "" if is_allowed else decision.reason
        key = (request.principal.name, request.action, decision.outcome.value, reason)
        used = frozenset(
            grant
            for policy in (*policies.identity, *policies.resource)
            for grant in granting(policy, request)
            if is_allowed
        )
        with self._lock:
            self._counts[key] += 1
            self._resources.setdefault(key, request.resource or "")
            if used:
                self._allowed.setdefault((request.principal.name, current().state, used), (request, policies))

    def as_json(self) -> list[dict[str, Any]]:
        """Return each decision once, with the number of requests and one resource."""
        with self._lock:
            return [
                {**dict(zip(_NAMES, key, strict=True)), "resource": self._resources[key], "count": count}
                for key, count in self._counts.items()
            ]

    def grants(self, policies: Iterable[Policy]) -> list[dict[str, Any]]:
        """Return each grant of some policies with the requests that are refused without it."""
        with self._lock:
            allowed = list(self._allowed.items())
        return [
            {
                "policy": grant.policy,
                "statement": grant.statement,
                "sid": policy.statements[grant.statement].sid,
                "action": grant.action,
                "resource": grant.resource,
                "needed_by": [
                    {
                        "principal": request.principal.name,
                        "state": state,
                        "action": request.action,
                        "resource": request.resource,
                    }
                    for (_, state, used), (request, applied) in allowed
                    if grant in used and is_needed(grant, request, applied)
                ],
            }
            for policy in policies
            for grant in grants_of(policy)
        ]


RECORD = Record()
"""The record of this process."""
