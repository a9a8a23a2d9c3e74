"""The ECS tasks that a state machine runs, with the overrides of their definitions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from guardrails.aws.integrations import RUN_TASK, integration_of
from guardrails.aws.machines import State, states_of_types
from guardrails.aws.references import resources_meant_by, resources_naming
from guardrails.aws.task_arguments import COMPUTED, argument
from guardrails.aws.types import CLUSTER, CLUSTER_PROVIDERS, TASK_DEFINITION
from guardrails.plan import Plan, Resource
from guardrails.properties import read_partly
from guardrails.rule import NotApplicableError, Subject


@dataclass(frozen=True)
class TaskRun:
    """A state that runs an ECS task."""

    state: State
    definitions: Sequence[Resource]
    """The task definitions that it may run; empty if it runs one outside of the plan."""
    default_providers: Sequence[str] | None = None
    """The default capacity providers of its cluster; None if the cluster is not in the plan."""

    @property
    def overrides(self) -> Any:
        """The overrides of the task, `COMPUTED` if they are computed at run time; empty if there are none."""
        return _whole(argument(self.state.arguments, "Overrides"), Mapping, {})

    @property
    def containers(self) -> Any:
        """The overrides of the containers, `COMPUTED` if they are computed at run time."""
        of_containers = argument(self.overrides, "ContainerOverrides")
        found = _whole(of_containers, list, [])
        is_written = found is not COMPUTED and all(isinstance(override, Mapping) for override in found)
        return found if is_written else COMPUTED


def task_run(plan: Plan, state: State) -> TaskRun:
    """Return the run of a task by a state."""
    definitions = resources_meant_by(plan, state.arguments, "TaskDefinition", TASK_DEFINITION)
    clusters = resources_meant_by(plan, state.arguments, "Cluster", CLUSTER)
    # An argument that is computed may name any cluster.
    return TaskRun(state, definitions, default_providers(plan, clusters[0]) if len(clusters) == 1 else None)


def task_of(
    plan: Plan, name: str, parameters: Any, definitions: Sequence[Resource], clusters: Sequence[Resource]
) -> TaskRun:
    """Return the run of a task by a service, a schedule or a rule, in the form of a state that runs one.

    `parameters` has the launch type, the capacity providers and the network of the task, by Pulumi's names.
    """
    written = parameters if isinstance(parameters, Mapping) else {}
    strategies, network = written.get("capacityProviderStrategies"), written.get("networkConfiguration")
    address = network.get("assignPublicIp") if isinstance(network, Mapping) else None
    arguments = {
        "LaunchType": written.get("launchType"),
        "CapacityProviderStrategy": [
            {"CapacityProvider": strategy.get("capacityProvider")}
            for strategy in (strategies if isinstance(strategies, list | tuple) else ())
            if isinstance(strategy, Mapping)
        ],
        "NetworkConfiguration": {
            "AwsvpcConfiguration": {"AssignPublicIp": "ENABLED" if address else "DISABLED"}
        },
    }
    providers = default_providers(plan, clusters[0]) if len(clusters) == 1 else None
    return TaskRun(State(name, {"Arguments": arguments}), definitions, providers)


def default_providers(plan: Plan, cluster: Resource) -> Sequence[str]:
    """Return the default capacity providers of a cluster, none if its tasks run on EC2 by default."""
    found: list[str] = []
    for providers in resources_naming(plan, cluster, "clusterName", CLUSTER_PROVIDERS):
        strategies = read_partly(providers, "defaultCapacityProviderStrategies")
        for strategy in strategies if isinstance(strategies, list | tuple) else ():
            provider = strategy.get("capacityProvider") if isinstance(strategy, Mapping) else None
            found.append(provider if isinstance(provider, str) else "")
    return found


def task_runs_of(subject: Subject) -> list[TaskRun]:
    """Return the states of the subject's machine that run an ECS task.

    Raises:
        NotApplicableError: if no state does, or another rule has reported the definition.
        PropertyError: if its definition is not known yet, or not a state machine.
    """
    runs = [
        task_run(subject.plan, state)
        for state in states_of_types(subject, "Task")
        if (integration := integration_of(state)) is not None and integration.name == RUN_TASK
    ]
    if not runs:
        raise NotApplicableError("no state of the machine runs a task")
    return runs


def _whole(value: Any, kind: type, nothing: Any) -> Any:
    """Return an argument of some type, a default if it is absent, or `COMPUTED` if it has any other type."""
    if value is None:
        return nothing
    return value if isinstance(value, kind) else COMPUTED
