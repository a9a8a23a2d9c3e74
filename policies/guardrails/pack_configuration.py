"""A check of `--policy-pack-config`: the engine passes unknown names of rules on, and Pulumi's SDK ignores them."""

from collections.abc import Callable, Collection, Iterable
from difflib import get_close_matches
from typing import Any

import grpc
from pulumi_policy.policy import _PolicyAnalyzerServicer

ALL = "all"
"""The name with which Pulumi sets the level of all rules."""
_NEAR = 3


def refuse_unknown_rules(rules: Collection[str]) -> None:
    """Make the pack refuse a configuration of a rule that it does not have, before anything is evaluated."""
    configure: Callable[..., Any] = _PolicyAnalyzerServicer.Configure

    def checked(self: _PolicyAnalyzerServicer, request: Any, context: grpc.ServicerContext) -> Any:
        if unknown := unknown_rules(request.policyConfig, rules):
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, unknown)
        return configure(self, request, context)

    setattr(_PolicyAnalyzerServicer, "Configure", checked)  # noqa: B010 - a method cannot be assigned


def unknown_rules(configured: Iterable[str], rules: Collection[str]) -> str:
    """Return a sentence on each configured rule that does not exist, with the nearest names; empty if all exist."""
    return " ".join(
        f"--policy-pack-config: {name} is not a rule; {_near(name, rules)}."
        for name in sorted(configured)
        if name not in {*rules, ALL}
    )


def _near(name: str, rules: Collection[str]) -> str:
    near = get_close_matches(name, rules, n=_NEAR)
    return f"the nearest are {', '.join(near)}" if near else "docs/policies.md lists the rules"
