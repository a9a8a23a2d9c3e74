"""The tasks that a state machine runs, with what it overrides of their definitions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from guardrails.aws.arguments import COMPUTED, argument
from guardrails.aws.integrations import RUN_TASK, integration_of
from guardrails.aws.links import meant_by
from guardrails.aws.machines import State, states_of_types
from guardrails.aws.types import TASK_DEFINITION
from guardrails.plan import Resource
from guardrails.rule import NotApplicableError, Subject


@dataclass(frozen=True)
class TaskRun:
    """A state that runs a task of ECS."""

    state: State
    definitions: Sequence[Resource]
    """The task definitions in the plan of which it may run one; none where it runs one that is not in the plan."""

    @property
    def overrides(self) -> Any:
        """What it overrides, `COMPUTED` where only a run knows it; nothing where it overrides nothing."""
        return _whole(argument(self.state.arguments, "Overrides"), Mapping, {})

    @property
    def containers(self) -> Any:
        """What it overrides of containers, `COMPUTED` where only a run knows it."""
        of_containers = argument(self.overrides, "ContainerOverrides")
        found = _whole(of_containers, list, [])
        is_written = found is not COMPUTED and all(isinstance(one, Mapping) for one in found)
        return found if is_written else COMPUTED


def task_runs_of(subject: Subject) -> list[TaskRun]:
    """Return the states of a machine that run a task.

    Raises:
        NotApplicableError: where none does.
        PropertyError: where its definition is not known yet, or no machine.
    """
    runs = [
        TaskRun(state, meant_by(subject.plan, state.arguments, "TaskDefinition", TASK_DEFINITION))
        for state in states_of_types(subject, "Task")
        if (integration := integration_of(state)) is not None and integration.name == RUN_TASK
    ]
    if not runs:
        raise NotApplicableError("no state of the machine runs a task")
    return runs


def _whole(value: Any, kind: type, nothing: Any) -> Any:
    """Return an argument of a kind, what stands for one that is not there, or `COMPUTED` for any other."""
    if value is None:
        return nothing
    return value if isinstance(value, kind) else COMPUTED
