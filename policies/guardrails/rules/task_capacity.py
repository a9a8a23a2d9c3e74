"""The rule that a task is started on capacity that its cluster has, and that runs its task definition.

Sources: Amazon ECS API reference, RunTask (`launchType`, `networkConfiguration`) and CapacityProviderStrategyItem
(`weight`, `base`); Amazon ECS developer guide, "Amazon ECS clusters for Fargate".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from guardrails.aws import types
from guardrails.aws.references import resources_meant_by, resources_named_by, resources_naming, texts_of
from guardrails.aws.starts import TASKS
from guardrails.aws.task_arguments import COMPUTED, argument, only_text
from guardrails.aws.task_runs import task_runs_of
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.properties import PropertyError, UnknownPropertyError, read, read_json, read_partly
from guardrails.rule import Level, NotApplicableError, Rule, Scope, Severity, Subject

_FARGATE = ("FARGATE", "FARGATE_SPOT")
_UNIVERSAL = ":aws-sdk:ecs:runTask"
_DEFAULT = "defaultCapacityProviderStrategies"


@dataclass(frozen=True)
class _Run:
    """A start of a task."""

    name: str
    arguments: Any
    """In the form of RunTask, `COMPUTED` where a value is not known."""
    definitions: Sequence[Resource]
    clusters: Sequence[Resource]


def _without_capacity(subject: Subject) -> Iterator[str]:
    for run in _runs(subject):
        launch_type = argument(run.arguments, "LaunchType")
        strategy = argument(run.arguments, "CapacityProviderStrategy") or None
        if strategy is not None and launch_type is not None:
            yield (
                f"{run.name} has both LaunchType and CapacityProviderStrategy, which RunTask rejects; remove one of "
                "them."
            )
        elif strategy is None and launch_type is None:
            yield from _by_default(subject.plan, run)
        elif launch_type is not None:
            yield from _incompatible(run, only_text(launch_type))
        yield from _of_strategy(subject.plan, run, strategy)
        yield from _without_network(run, only_text(launch_type))


def _runs(subject: Subject) -> list[_Run]:
    """Return the starts of tasks by a machine, a service, a schedule or a rule's target.

    Raises:
        NotApplicableError: if it starts no task.
    """
    resource, plan = subject.resource, subject.plan
    if resource.type == types.STATE_MACHINE:
        return [
            _Run(
                run.state.name,
                run.state.arguments,
                run.definitions,
                resources_meant_by(plan, run.state.arguments, "Cluster", types.CLUSTER),
            )
            for run in task_runs_of(subject)
        ]
    if resource.type == types.SERVICE:
        definitions = resources_named_by(plan, resource, "taskDefinition", types.TASK_DEFINITION)
        clusters = resources_named_by(plan, resource, "cluster", types.CLUSTER)
        return [_Run("its task", _arguments(resource.properties), definitions, clusters)]
    path = TASKS[resource.type]
    target = "target.arn" if resource.type == types.SCHEDULE else "arn"
    parameters = read_partly(resource, path)
    if isinstance(parameters, Mapping):
        definitions = resources_named_by(plan, resource, f"{path}.taskDefinitionArn", types.TASK_DEFINITION)
        clusters = resources_named_by(plan, resource, target, types.CLUSTER)
        return [_Run("its task", _arguments(parameters), definitions, clusters)]
    if resource.type == types.SCHEDULE and str(read_partly(resource, target)).endswith(_UNIVERSAL):
        return [_of_input(plan, resource)]
    raise NotApplicableError("it starts no task")


def _of_input(plan: Plan, schedule: Resource) -> _Run:
    """Return the start of a task by the input of a universal target."""
    try:
        written = read_json(schedule, "target.input")
    except PropertyError:
        written = COMPUTED
    return _Run(
        "its task",
        written,
        resources_meant_by(plan, written, "TaskDefinition", types.TASK_DEFINITION),
        resources_meant_by(plan, written, "Cluster", types.CLUSTER),
    )


def _arguments(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters by Pulumi's names in the form of RunTask."""
    return {
        "LaunchType": _in_capitals(parameters.get("launchType")),
        "CapacityProviderStrategy": _in_capitals(parameters.get("capacityProviderStrategies")),
        "NetworkConfiguration": _in_capitals(parameters.get("networkConfiguration")),
    }


def _in_capitals(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {f"{key[:1].upper()}{key[1:]}": _in_capitals(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_in_capitals(inner) for inner in value]
    return COMPUTED if value is UNKNOWN else value


def _by_default(plan: Plan, run: _Run) -> Iterator[str]:
    """Yield a sentence if the default of a cluster is EC2, and the task runs only on Fargate."""
    clusters = run.clusters
    may_run = any(_default_of(plan, cluster) != [] or _has_instances(plan, cluster) for cluster in clusters)
    if clusters and not may_run and _only_fargate(run.definitions):
        yield (
            f"{run.name} has neither LaunchType nor CapacityProviderStrategy, and its cluster {clusters[0].name} has "
            f"no default strategy, so that it starts on EC2, while {run.definitions[0].name} runs on Fargate; set "
            "LaunchType to FARGATE."
        )


def _has_instances(plan: Plan, cluster: Resource) -> bool:
    """Return True if a capacity provider of a cluster starts instances of EC2, or may."""
    providers = _providers_of(plan, cluster)
    return providers is None or any(provider not in _FARGATE for provider in providers)


def _default_of(plan: Plan, cluster: Resource) -> list[Any] | None:
    """Return the default strategy of a cluster, empty if it has none, or None if it is not known yet."""
    found: list[Any] = []
    for listing in resources_naming(plan, cluster, "clusterName", types.CLUSTER_CAPACITY_PROVIDERS):
        strategy = read_partly(listing, _DEFAULT)
        if strategy is UNKNOWN:
            return None
        found += strategy if isinstance(strategy, list | tuple) else ()
    return found


def _incompatible(run: _Run, launch_type: str | None) -> Iterator[str]:
    if launch_type == "EC2" and _only_fargate(run.definitions):
        yield (
            f"{run.name} has the LaunchType EC2, while {run.definitions[0].name} runs on Fargate; set LaunchType to "
            "FARGATE."
        )
    if launch_type == "FARGATE":
        yield from _not_on_fargate(run, "the LaunchType FARGATE")


def _not_on_fargate(run: _Run, what: str) -> Iterator[str]:
    compatible = [_compatibilities(definition) for definition in run.definitions]
    if compatible and all(each and "FARGATE" not in each for each in compatible):
        yield (
            f"{run.name} has {what}, while {run.definitions[0].name} requires only "
            f"{', '.join(compatible[0])}; add FARGATE to its requiresCompatibilities."
        )


def _only_fargate(definitions: Sequence[Resource]) -> bool:
    """Return True if every task definition that may run requires Fargate and nothing else."""
    return bool(definitions) and all(_compatibilities(each) == ("FARGATE",) for each in definitions)


def _compatibilities(definition: Resource) -> tuple[str, ...]:
    """Return the launch types that a definition requires, none if they are not known yet."""
    return texts_of(read_partly(definition, "requiresCompatibilities"))


def _of_strategy(plan: Plan, run: _Run, strategy: Any) -> Iterator[str]:
    items = [item for item in strategy if isinstance(item, Mapping)] if isinstance(strategy, list) else []
    wanted = _providers_in(items)
    if wanted and len(wanted) == len(items) and all(name in _FARGATE for name in wanted):
        yield from _not_on_fargate(run, "capacity providers of Fargate")
    weights = [argument(item, "Weight") for item in items]
    # One provider without a weight is used for everything.
    if items and all(weight in (0, None) for weight in weights) and (0 in weights or len(items) > 1):
        yield f"{run.name} has a strategy whose weights are all 0, which RunTask rejects; set Weight to 1 or more."
    bases = [base for item in items if isinstance(base := argument(item, "Base"), int | float) and base > 0]
    if len(bases) > 1:
        yield (
            f"{run.name} has a strategy with {len(bases)} bases, which RunTask rejects; set Base of one capacity "
            "provider."
        )
    if len(run.clusters) != 1 or not wanted:
        return
    given = _providers_of(plan, run.clusters[0])
    missing = [provider for provider in wanted if given is not None and provider not in given]
    if missing:
        yield (
            f"{run.name} asks for the capacity provider {', '.join(missing)}, which the cluster "
            f"{run.clusters[0].name} does not have ({', '.join(given or ()) or 'it has none'}); add it to "
            "capacityProviders of an aws:ecs/clusterCapacityProviders."
        )


def _providers_in(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the capacity providers of a strategy that are written as text."""
    names = (argument(item, "CapacityProvider") for item in items)
    return [name for name in names if isinstance(name, str) and not name.startswith("{%")]


def _providers_of(plan: Plan, cluster: Resource) -> tuple[str, ...] | None:
    """Return the capacity providers of a cluster, or None if they are not known yet."""
    listings = resources_naming(plan, cluster, "clusterName", types.CLUSTER_CAPACITY_PROVIDERS)
    try:
        return tuple(name for listing in listings for name in texts_of(read(listing, "capacityProviders")))
    except UnknownPropertyError:
        return None


def _without_network(run: _Run, launch_type: str | None) -> Iterator[str]:
    """Yield a sentence if a task in a VPC, as every task on Fargate, has no network."""
    modes = [read_partly(definition, "networkMode") for definition in run.definitions]
    is_in_vpc = launch_type == "FARGATE" or (bool(modes) and all(mode == "awsvpc" for mode in modes))
    if is_in_vpc and argument(run.arguments, "NetworkConfiguration") is None:
        yield (
            f"{run.name} has no NetworkConfiguration, without which RunTask rejects a task with the network mode "
            "awsvpc; name its subnets and security groups."
        )


RULES = (
    Rule(
        name="task-capacity-provided",
        requirement=(
            "A task is started by a launch type, or by capacity providers that its cluster has, which run its task "
            "definition, and in a network."
        ),
        rationale=(
            "RunTask rejects a capacity provider that is not associated with the cluster, even FARGATE_SPOT, a launch "
            "type beside a strategy, a strategy without a weight, and a task on Fargate without a network. Without "
            "either, a task starts on EC2, where a cluster for Fargate has no instance. The first run fails, and so "
            "does every retry."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Associate the capacity providers with the cluster, or write only LaunchType.",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html",
        scope=Scope.STACK,
        resource_types=frozenset({types.STATE_MACHINE, types.SERVICE, *TASKS}),
        evaluate=_without_capacity,
    ),
)
