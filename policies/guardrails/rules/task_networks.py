"""The rule that the network of a task has a way to the registry of its image."""

from collections.abc import Collection, Iterator

from guardrails.aws import types
from guardrails.aws.networks import (
    Destinations,
    TaskNetwork,
    WayOut,
    has_image_endpoints,
    has_ipv6,
    https_destinations,
    network_of_arguments,
    network_of_property,
    way_out,
)
from guardrails.aws.task_arguments import argument
from guardrails.aws.task_runs import task_runs_of
from guardrails.plan import Plan
from guardrails.rule import Level, NotApplicableError, Rule, Scope, Severity, Subject

_NETWORKS = {
    types.SERVICE: "networkConfiguration",
    types.SCHEDULE: "target.ecsParameters.networkConfiguration",
    types.EVENT_TARGET: "ecsTarget.networkConfiguration",
}
"""The property with the network of a task, by the type that starts it."""


def _unreachable(subject: Subject) -> Iterator[str]:
    networks = list(_networks(subject))
    if not networks:
        raise NotApplicableError("it starts no task whose network is in the plan")
    for name, network in networks:
        yield from _no_way(subject.plan, name, network)
        yield from _closed(subject.plan, name, network)


def _closed(plan: Plan, name: str, network: TaskNetwork) -> Iterator[str]:
    """Yield a sentence if no security group of a network lets traffic out to ECR."""
    destinations = {where for group in network.groups for where in https_destinations(plan, group)}
    if not network.groups or Destinations.ANY in destinations:
        return
    group = network.groups[0].name
    if not destinations:
        yield (
            f"{name} has the security group {group}, which allows no traffic out to port 443, so that a task can "
            "neither pull its image nor call AWS; add an egress rule for port 443."
        )
    elif _reaches_nothing(plan, network, destinations):
        yield (
            f"{name} has the security group {group}, which allows traffic out only to "
            f"{' and '.join(sorted(f'{each} addresses' for each in destinations))}, so that a task cannot pull its "
            "image; allow port 443 to 0.0.0.0/0, or add the endpoints ecr.dkr, ecr.api and s3 of its VPC."
        )


def _reaches_nothing(plan: Plan, network: TaskNetwork, destinations: Collection[Destinations]) -> bool:
    """Return True if no subnet has addresses of IPv6, or endpoints of its own, for what the groups allow.

    A network outside of the plan may have both.
    """
    subnets = network.subnets
    if not subnets or any(way_out(plan, subnet) is WayOut.UNKNOWN for subnet in subnets):
        return False
    by_ipv6 = Destinations.IPV6 in destinations and any(map(has_ipv6, subnets))
    return not by_ipv6 and not any(has_image_endpoints(plan, subnet) for subnet in subnets)


def _no_way(plan: Plan, name: str, network: TaskNetwork) -> Iterator[str]:
    ways = {
        subnet.name: WayOut.GATEWAY if has_image_endpoints(plan, subnet) else way_out(plan, subnet)
        for subnet in network.subnets
    }
    # Without a route to the internet, a public address is of no use.
    useless = (WayOut.INTERNET, WayOut.NONE) if network.has_address is False else (WayOut.NONE,)
    closed = [subnet for subnet, way in ways.items() if way in useless]
    # If the subnets are chosen at run time, one with a way out may be chosen.
    if not closed or (network.is_one_of and len(closed) < len(ways)):
        return
    public = ways[closed[0]] is WayOut.INTERNET
    through = (
        "leads through an internet gateway, which needs a public address" if public else "does not exist"
    )
    if network.has_address is not False:
        yield (
            f"{name} runs in {', '.join(closed)}, whose route table has no route to the internet, so that a task "
            "cannot pull its image; add a route for 0.0.0.0/0 to an internet gateway or a NAT gateway, or the "
            "endpoints ecr.dkr, ecr.api and s3 of its VPC."
        )
        return
    yield (
        f"{name} runs without a public address in {', '.join(closed)}, whose way out {through}, so that a task cannot "
        "pull its image; set AssignPublicIp to ENABLED, or add a NAT gateway in a public subnet, or the endpoints "
        "ecr.dkr, ecr.api and s3 of its VPC."
    )


def _networks(subject: Subject) -> Iterator[tuple[str, TaskNetwork]]:
    resource, plan = subject.resource, subject.plan
    if resource.type == types.STATE_MACHINE:
        found = [
            (
                run.state.name,
                network_of_arguments(plan, argument(run.state.arguments, "NetworkConfiguration")),
            )
            for run in task_runs_of(subject)
        ]
    else:
        found = [("its task", network_of_property(plan, resource, _NETWORKS[resource.type]))]
    for name, network in found:
        if network is not None and (network.subnets or network.groups):
            yield name, network


RULES = (
    Rule(
        name="task-reaches-registry",
        requirement="A task can pull its image: its subnet has a way out for it, and its security group allows it.",
        rationale=(
            "A task without a public address in a public subnet, or behind a security group without an egress rule, "
            "waits for its image for minutes and stops with CannotPullContainerError, at every attempt."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Give the task a public address, or its subnet a NAT gateway or the endpoints of ECR.",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html",
        scope=Scope.STACK,
        resource_types=frozenset({types.STATE_MACHINE, *_NETWORKS}),
        evaluate=_unreachable,
    ),
)
