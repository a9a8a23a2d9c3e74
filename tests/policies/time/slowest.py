"""A simulation of Step Functions with a clock and an adversary, independent of the analysis that it checks.

The adversary decides what is free in a real run: how long an attempt lasts, how it ends, which way a Choice goes where
its condition is about the input. A jittered wait lasts as long as it may.
"""

import heapq
import itertools
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, Protocol

from jsonata import Jsonata  # type: ignore[import-untyped]

Json = dict[str, Any]

UNEXPECTED = "Unexpected"
"""An error that no retrier and no catcher of the generated machines names."""

WELL = "Well"
"""The outcome of an execution that no error ends."""

FREE = "$states.input"
"""The variable of conditions that the adversary decides."""


class Adversary(Protocol):
    def share(self) -> float:
        """Return the fraction of its time that an attempt takes, from 0 to 1."""

    def error(self, name: str, state: Json, retries_left: list[int]) -> str | None:
        """Return the error of an attempt, or None if it succeeds."""

    def way(self, name: str, ways: int) -> int:
        """Return the branch that a Choice takes."""


@dataclass(frozen=True)
class Sleep:
    seconds: float


@dataclass(frozen=True)
class Together:
    processes: list["Process"]
    at_once: int


Process = Generator[Sleep | Together, str | None, str | None]


@dataclass
class Run:
    seconds: float = 0
    transitions: int = 0
    histories: list[list[str]] = field(default_factory=list)

    @property
    def events(self) -> int:
        return max(len(history) for history in self.histories)


@dataclass
class Scene:
    """The state of a running machine or branch: the adversary, the history so far, and the variables."""

    adversary: Adversary
    run: Run
    history: list[str]
    variables: Json = field(default_factory=dict)

    def inner(self, history: list[str]) -> "Scene":
        return Scene(self.adversary, self.run, history, dict(self.variables))


def play(definition: Json, adversary: Adversary) -> Run:
    run = Run(histories=[["ExecutionStarted"]])
    run.seconds = _clock(_scope(definition, Scene(adversary, run, run.histories[0])))
    run.histories[0].append("ExecutionEnded")
    return run


@dataclass(eq=False)
class _Running:
    process: Process
    parent: "_Running | None" = None
    waiting: list[Process] = field(default_factory=list)
    children: "list[_Running]" = field(default_factory=list)
    aborted: bool = False

    def abort(self) -> None:
        self.aborted = True
        for child in self.children:
            child.abort()


def _clock(process: Process) -> float:
    """Run processes on a virtual clock, and return when the first of them has ended."""
    now = 0.0
    order = itertools.count()
    root = _Running(process)
    due: list[tuple[float, int, _Running, str | None]] = [(0, next(order), root, None)]
    while due:
        now, _, running, message = heapq.heappop(due)
        if running.aborted:
            continue
        try:
            wanted = running.process.send(message)
        except StopIteration as end:
            running.aborted = True
            parent = running.parent
            if parent is None:
                return now
            parent.children.remove(running)
            if end.value is not None:
                for sibling in parent.children:
                    sibling.abort()
                parent.children, parent.waiting = [], []
            if parent.waiting:
                child = _Running(parent.waiting.pop(0), parent)
                parent.children.append(child)
                heapq.heappush(due, (now, next(order), child, None))
            elif not parent.children:
                heapq.heappush(due, (now, next(order), parent, end.value))
            continue
        if isinstance(wanted, Sleep):
            heapq.heappush(due, (now + wanted.seconds, next(order), running, None))
            continue
        children = [_Running(child, running) for child in wanted.processes[: wanted.at_once]]
        running.children, running.waiting = children, wanted.processes[wanted.at_once :]
        for child in children:
            heapq.heappush(due, (now, next(order), child, None))
        if not children:
            heapq.heappush(due, (now, next(order), running, None))
    raise AssertionError("the machine neither ended nor waited")


def _scope(definition: Json, scene: Scene) -> Process:
    name = definition["StartAt"]
    while True:
        state = definition["States"][name]
        scene.run.transitions += 1
        scene.history.append(f"{state['Type']}StateEntered")
        if state["Type"] == "Fail":
            return str(state["Error"])
        error, way = yield from _state(name, state, scene)
        if error is not None:
            return error
        scene.history.append(f"{state['Type']}StateExited")
        assigned = {key: _evaluated(value, scene.variables) for key, value in way.get("Assign", {}).items()}
        scene.variables |= assigned
        if "Next" not in way:
            return None
        name = way["Next"]


def _state(
    name: str, state: Json, scene: Scene
) -> Generator[Sleep | Together, str | None, tuple[str | None, Json]]:
    """Run one state and return its error, or the fields that say where it goes on."""
    match state["Type"]:
        case "Choice":
            return None, _chosen(name, state, scene)
        case "Wait":
            yield Sleep(state["Seconds"])
            return None, state
        case "Pass" | "Succeed":
            return None, state
    retriers = state.get("Retry", [])
    left = [retrier.get("MaxAttempts", 3) for retrier in retriers]
    waits = [float(retrier.get("IntervalSeconds", 1)) for retrier in retriers]
    while True:
        error = yield from _attempt(state, scene)
        if error is None:
            error = scene.adversary.error(name, state, left)
        if error is None:
            return None, state
        fits = next(
            (index for index, retrier in enumerate(retriers) if error in retrier["ErrorEquals"]), None
        )
        if fits is None or not left[fits]:
            break
        left[fits] -= 1
        scene.run.transitions += 1
        yield Sleep(min(waits[fits], retriers[fits].get("MaxDelaySeconds", waits[fits])))
        waits[fits] *= retriers[fits].get("BackoffRate", 2)
    for catcher in state.get("Catch", []):
        if error in catcher["ErrorEquals"]:
            return None, catcher
    return error, state


def _attempt(state: Json, scene: Scene) -> Process:
    if state["Type"] == "Task":
        scene.history += ["TaskScheduled", "TaskStarted"]
        if state["Resource"].endswith(".waitForTaskToken"):
            scene.history.append("TaskSubmitted")
        yield Sleep(state["TimeoutSeconds"] * scene.adversary.share())
        scene.history.append("TaskEnded")
        return None
    scene.history.append(f"{state['Type']}StateStarted")
    if state["Type"] == "Parallel":
        branches = [_scope(branch, scene.inner(scene.history)) for branch in state["Branches"]]
        error = yield Together(branches, len(branches))
    else:
        distributed = state["ItemProcessor"]["ProcessorConfig"]["Mode"] == "DISTRIBUTED"
        scene.history += ["MapRunStarted", "MapRunEnded"] if distributed else []
        items = [_item(state["ItemProcessor"], scene, distributed) for _ in state["Items"]]
        if state["ItemProcessor"]["ProcessorConfig"].get("ExecutionType") == "EXPRESS":
            items = [_express(item) for item in items]
        most = 10_000 if distributed else 40
        error = yield Together(items, min(state["MaxConcurrency"] or most, most))
    scene.history.append(f"{state['Type']}StateEnded")
    return error


def _item(processor: Json, scene: Scene, distributed: bool) -> Process:
    history = scene.history
    if distributed:
        history = []
        scene.run.histories.append(history)
    history.append("Started")
    error = yield from _scope(processor, scene.inner(history))
    history.append("Ended")
    return error


def _express(execution: Process) -> Process:
    """Run an execution that Step Functions ends after five minutes."""

    def running() -> Process:
        error = yield from execution
        return error or WELL

    def clock() -> Process:
        yield Sleep(300)
        return "States.Timeout"

    # Whichever ends first ends the other.
    ended = yield Together([running(), clock()], 2)
    return None if ended == WELL else ended


def _chosen(name: str, state: Json, scene: Scene) -> Json:
    free = [rule for rule in state["Choices"] if FREE in rule["Condition"]]
    for rule in state["Choices"]:
        if rule not in free and _evaluated(rule["Condition"], scene.variables):
            return dict(rule)
    ways = [*free, {"Next": state["Default"]}]
    return dict(ways[scene.adversary.way(name, len(ways))])


def _evaluated(value: Any, variables: Json) -> Any:
    if not isinstance(value, str):
        return value
    expression = Jsonata(value.removeprefix("{%").removesuffix("%}"))
    for name, known in variables.items():
        expression.assign(name, known)
    return expression.evaluate(None)
