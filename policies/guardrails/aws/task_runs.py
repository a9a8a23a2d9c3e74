"""The ECS tasks that a state machine runs, with the overrides of their definitions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from guardrails.aws.integrations import RUN_TASK, integration_of
from guardrails.aws.machines import State, states_of_types
from guardrails.aws.references import resources_meant_by
from guardrails.aws.task_arguments import COMPUTED, argument
from guardrails.aws.types import TASK_DEFINITION
from guardrails.plan import Resource
from guardrails.rule import NotApplicableError, Subject


@dataclass(frozen=True)
class TaskRun:
    """A state that runs an ECS task."""

    state: State
    definitions: Sequence[Resource]
    """The task definitions that it may run; empty if it runs one outside of the plan."""

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


def task_runs_of(subject: Subject) -> list[TaskRun]:
    """Return the states of the subject's machine that run an ECS task.

    Raises:
        NotApplicableError: if no state does, or another rule has reported the definition.
        PropertyError: if its definition is not known yet, or not a state machine.
    """
    runs = [
        TaskRun(state, resources_meant_by(subject.plan, state.arguments, "TaskDefinition", TASK_DEFINITION))
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
