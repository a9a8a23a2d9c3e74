"""A role in use: its principal, and the service that assumed it for one of its resources."""

from dataclasses import dataclass

from guardrails.iam.request import Principal, role


@dataclass(frozen=True)
class Identity:
    """A role in use."""

    principal: Principal
    service: str
    """The service that assumed the role, e.g. `ecs-tasks.amazonaws.com`."""
    source_arn: str
    """The ARN of the resource for which the service assumed it."""


def assumed(arn: str | None, service: str, source_arn: str, session: str) -> Identity | None:
    """Return the identity of a role that a service assumed for one of its resources, or None without a role."""
    if not arn:
        return None
    account, name = arn.split(":")[4], arn.rpartition("/")[2]
    principal = role(arn, f"arn:aws:sts::{account}:assumed-role/{name}/{session}")
    return Identity(principal, service, source_arn)
