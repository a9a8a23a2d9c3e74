"""The IAM policies to deploy a stack: actions, each limited to resources of that stack if IAM allows it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import cfnlint.data.AdditionalSpecs  # type: ignore[import-untyped]

from components.settings.names import Names
from docs.deployer.actions import data, deployer_actions, preview_actions

MAX_CHARACTERS = 6_144
"""The maximum length of a managed policy, without white space. Source: "IAM and AWS STS quotas"."""
MAX_POLICIES = 10
"""The default quota of managed policies per role; same source."""

ANYWHERE = "anywhere"
"""The suffix of the Sid of a statement that is not limited to resources."""

Statement = Mapping[str, Any]


def deployer_policies(types: Iterable[str], names: Names) -> list[Mapping[str, Any]]:
    """Return the managed policies to deploy and destroy a stack, each within IAM's size limit."""
    actions = deployer_actions(types)
    special = {"iam:PassRole", *data()["service_linked"]}
    return _split([*_statements(actions - special, names), *_on_condition(actions & special, names)])


def preview_policies(types: Iterable[str], names: Names) -> list[Mapping[str, Any]]:
    """Return the managed policies to preview and refresh a stack."""
    return _split(list(_statements(preview_actions(types), names)))


def deliver_policies(_types: Iterable[str], names: Names) -> list[Mapping[str, Any]]:
    """Return the managed policies to push the image, wait for runs and check a deployment, as CI does.

    The role has the policies to deploy the stack besides.
    """
    return _split(list(_statements(data()["deliver"], names)))


def characters(document: Mapping[str, Any]) -> int:
    """Return the size of a policy as IAM counts it."""
    return len(json.dumps(document, separators=(",", ":")))


def _statements(actions: Iterable[str], names: Names) -> Iterator[Statement]:
    """Yield a statement for each service and set of resources; its Sid is the service and their kinds."""
    grouped: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for action in sorted(actions):
        grouped.setdefault((action.partition(":")[0], _kinds(action)), []).append(action)
    for (service, kinds), group in grouped.items():
        arns = [_filled(arn, names) for kind in kinds for arn in data()["scopes"][f"{service}:{kind}"]]
        statement: dict[str, Any] = {
            "Sid": "".join(_word(part) for part in (service, *(kinds or [ANYWHERE]))),
            "Effect": "Allow",
            "Action": group,
            "Resource": arns or "*",
        }
        if service in data()["anywhere"]:
            statement["Condition"] = {"StringEquals": {"aws:RequestedRegion": names.region}}
        yield statement


def _word(text: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in text.split("-"))


def _kinds(action: str) -> tuple[str, ...]:
    """Return the resource kinds that an action is limited to; empty if IAM cannot limit it."""
    service, _, operation = action.partition(":")
    if service in data()["anywhere"]:
        return ()
    kinds = _limits()[service]["Actions"][operation.lower()].get("Resources", [])
    # cfn-lint stores a single kind as a string.
    kinds = [kinds] if isinstance(kinds, str) else kinds
    found = tuple(sorted(kind for kind in kinds if f"{service}:{kind}" in data()["scopes"]))
    if kinds and not found:
        raise LookupError(f"{action} can be limited to {', '.join(kinds)}: give one of them a scope")
    return found


def anywhere_reason(statement: Statement) -> str:
    """Return why a statement is not limited to resources."""
    service = statement["Action"][0].partition(":")[0]
    reasons: Mapping[str, str] = data()["anywhere"]
    return reasons.get(service, reasons[""])


def _on_condition(actions: Iterable[str], names: Names) -> Iterator[Statement]:
    """Yield the statements to pass the stack's roles to services and to create the service-linked role of ECS."""
    for action in sorted(actions):
        if action == "iam:PassRole":
            yield {
                "Sid": "PassRolesToServices",
                "Effect": "Allow",
                "Action": action,
                "Resource": [_filled(scope, names) for scope in data()["scopes"]["iam:role"]],
                "Condition": {"StringEquals": {"iam:PassedToService": data()["passed_to"]}},
            }
        else:
            role = data()["service_linked"][action]
            yield {
                "Sid": "LinkServiceRole",
                "Effect": "Allow",
                "Action": action,
                "Resource": f"arn:{names.partition}:iam::{names.account}:role/aws-service-role/{role}",
                "Condition": {"StringEquals": {"iam:AWSServiceName": role.partition("/")[0]}},
            }


def _filled(scope: str, names: Names) -> str:
    return scope.format(
        partition=names.partition,
        region=names.region,
        account=names.account,
        project=names.project,
        environment=names.environment,
    )


def _split(statements: list[Statement]) -> list[Mapping[str, Any]]:
    """Return policies that hold the statements in order, each as full as IAM allows."""
    documents: list[Mapping[str, Any]] = []
    for statement in statements:
        if documents:
            longer = {**documents[-1], "Statement": [*documents[-1]["Statement"], statement]}
            if characters(longer) <= MAX_CHARACTERS:
                documents[-1] = longer
                continue
        documents.append({"Version": "2012-10-17", "Statement": [statement]})
    return documents


@cache
def _limits() -> Mapping[str, Any]:
    """Return the resource kinds of each action, by service and by action in lower case."""
    path = Path(str(cfnlint.data.AdditionalSpecs.__file__)).with_name("Policies.json")
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
