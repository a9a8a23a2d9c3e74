"""The page docs/security.md: what each role and resource policy allows, and which call needs each grant."""

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from docs import planted_mistakes

_RULES = (
    "function-role-scoped",
    "key-admits-senders",
    "machine-role-allows-calls",
    "machine-role-allows-no-more",
    "policy-admits-senders",
    "policy-not-public",
    "role-allows-its-user",
    "role-names-resources",
    "role-trusts-its-user",
    "schedule-role-scoped",
    "subscription-may-invoke-function",
)
"""The rules of the guardrails on permissions."""
_FOLDER = Path(__file__).with_name("security")
GRANTS = _FOLDER / "grants.json"
_EXCEPTIONS = _FOLDER / "exceptions.toml"

_HEAD = """\
# Permissions

This page is for reviewers of the permissions of a stack. It lists every grant (one action on one resource that a
statement allows) of the {roles} roles and {resources} resource policies of a stack, here of the local one, with the
callers whose requests are refused without it.

- {used} of {all} grants are needed: a test makes each of their calls in a local AWS that evaluates the policies of the
  stack as IAM does, and finds a request that is refused without the grant.
- {excepted} grants are needed on AWS only; [the last table](#needed-on-aws-only) gives each reason and its source.
- No request of those runs is denied, and none is undecided.
- [Rules](policies.md#planted-mistakes) on roles, trust and the policies of resources refuse each of {mistakes}
  mistakes that tests plant in a valid plan, before anything is deployed.

`python -m local authorization` prints the same list for a running local stack.
[Decisions](decisions.md#the-laptop) explains the evaluation. `make docs` generates this page from docs/security/;
`pytest --update-golden tests/local/run/test_grants.py` writes its grants.

## What is narrow, and why the rest is not

- Each role can be assumed by one service only. Step Functions, EventBridge and Scheduler can assume theirs only for
  resources of the stack, by the conditions `aws:SourceArn` and `aws:SourceAccount` of the trust.
- Actions without a resource are limited by a condition where AWS has one: metrics by their namespace, lists of tasks by
  their cluster, passed roles by the service that gets them, tags by the call that creates the task.
- Lists of a bucket are limited to the prefixes that a worker reads. The machines may list the whole bucket of claims:
  without it, S3 answers 403 in place of 404 for a claim that does not exist.
- The key is used by its alias (`kms:ResourceAliases`). EventBridge uses it without a condition, because AWS supports no
  source condition there; the queue's own policy names the rules.
- Workers of all runs share a role, so that one could write the results of another run. They cannot write claims.
"""


@dataclass(frozen=True)
class Grant:
    """One action on one resource, and the callers that need it."""

    policy: str
    statement: int
    """The place of the statement in its policy, from 0."""
    action: str
    resource: str
    needed_by: tuple[str, ...]
    sid: str = ""

    @property
    def label(self) -> str:
        """The action, with the statement's name where a policy names its statements."""
        return f"{self.action} of {self.sid}" if self.sid else self.action


@dataclass(frozen=True)
class Unperformed:
    """Grants that no request of a local run needs."""

    policies: tuple[str, ...]
    actions: tuple[str, ...]
    reason: str
    source: str
    may_be_needed: bool = False
    """True if a slow run may need the grants."""

    def covers(self, grant: Grant) -> bool:
        """Return True if the exception is about a grant."""
        return any(fnmatchcase(grant.policy, pattern) for pattern in self.policies) and any(
            fnmatchcase(name, pattern) for pattern in self.actions for name in (grant.action, grant.label)
        )


def exceptions() -> tuple[Unperformed, ...]:
    """Return the exceptions of docs/security/exceptions.toml."""
    with _EXCEPTIONS.open("rb") as file:
        listed = tomllib.load(file)["exception"]
    return tuple(
        Unperformed(**{**each, "policies": tuple(each["policies"]), "actions": tuple(each["actions"])})
        for each in listed
    )


def grants() -> tuple[Grant, ...]:
    """Return the grants of docs/security/grants.json."""
    return tuple(read_grants(json.loads(GRANTS.read_text(encoding="utf-8"))))


def read_grants(listed: Iterable[Mapping[str, Any]]) -> Iterator[Grant]:
    """Yield grants from their JSON."""
    for each in listed:
        yield Grant(**{**each, "needed_by": tuple(each["needed_by"])})


def page() -> str:
    """Return the page."""
    listed = grants()
    policies = list(dict.fromkeys(grant.policy for grant in listed))
    resources = [policy for policy in policies if _is_of_resource(policy)]
    used = sum(bool(grant.needed_by) for grant in listed)
    head = _HEAD.format(
        roles=len(policies) - len(resources),
        resources=len(resources),
        used=used,
        all=len(listed),
        excepted=len(listed) - used,
        mistakes=planted_mistakes.count(_RULES),
    )
    return "\n".join([head, *_needed(listed, policies), *_excepted(listed)])


def _needed(listed: Iterable[Grant], policies: Iterable[str]) -> Iterator[str]:
    yield "## Grants, and who needs them\n"
    for policy in policies:
        own = [grant for grant in listed if grant.policy == policy and grant.needed_by]
        if own:
            yield (
                f"### {policy[:1].upper()}{policy[1:]}\n"
                if _is_of_resource(policy)
                else f"### Role `{policy}`\n"
            )
            yield "| action | resource | needed by |\n|---|---|---|"
            for grant in own:
                yield f"| `{grant.action}` | `{grant.resource}` | {', '.join(grant.needed_by)} |"
            yield ""


def _is_of_resource(policy: str) -> bool:
    return policy.startswith("the policy of ")


def _excepted(listed: Iterable[Grant]) -> Iterator[str]:
    yield "## Needed on AWS only\n"
    yield "| grants | why no local run needs them | source |\n|---|---|---|"
    for exception in exceptions():
        found: dict[str, list[str]] = {}
        for grant in listed:
            if not grant.needed_by and exception.covers(grant):
                found.setdefault(grant.policy, []).append(f"`{grant.label}`")
        what = "<br>".join(f"{policy}: {', '.join(labels)}" for policy, labels in found.items())
        yield f"| {what} | {exception.reason} | {exception.source} |"
    yield ""
