"""A simulation of Step Functions with a clock and an adversary, independent of the analysis that it checks.

The adversary decides what is free in a real run: how long an attempt lasts, how it ends, which way a Choice goes where
its condition is about the input. A jittered wait lasts as long as it may.
"""

import copy
import heapq
import itertools
import operator
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
    """The state of a running machine or branch: the adversary, the history so far, the variables and the data."""

    adversary: Adversary
    run: Run
    history: list[str]
    variables: Json = field(default_factory=dict)
    data: Json = field(default_factory=dict)

    def inner(self, history: list[str], data: Json | None = None) -> "Scene":
        return Scene(self.adversary, self.run, history, dict(self.variables), data or dict(self.data))


def play(definition: Json, adversary: Adversary, run: Run | None = None) -> Run:
    run = run or Run(histories=[["ExecutionStarted"]])
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
        scene.data = _output(state, way, scene)
        scene.variables |= _assigned(way.get("Assign", {}), scene)
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
        # A function without a timeout of its Task runs for as long as a function may.
        yield Sleep(state.get("TimeoutSeconds", 900) * scene.adversary.share())
        scene.history.append("TaskEnded")
        return None
    scene.history.append(f"{state['Type']}StateStarted")
    if state["Type"] == "Parallel":
        branches = [_scope(branch, scene.inner(scene.history)) for branch in state["Branches"]]
        error = yield Together(branches, len(branches))
    else:
        distributed = state["ItemProcessor"]["ProcessorConfig"]["Mode"] == "DISTRIBUTED"
        scene.history += ["MapRunStarted", "MapRunEnded"] if distributed else []
        inputs = _inputs(state, scene)
        items = [_item(state["ItemProcessor"], scene, distributed, one) for one in inputs]
        if state["ItemProcessor"]["ProcessorConfig"].get("ExecutionType") == "EXPRESS":
            items = [_express(item) for item in items]
        most = 10_000 if distributed else 40
        error = yield Together(items, min(state["MaxConcurrency"] or most, most))
    scene.history.append(f"{state['Type']}StateEnded")
    return error


def _inputs(state: Json, scene: Scene) -> list[Json]:
    """Return the input of each item, or of each batch."""
    items = scene.data["Items"] if state.get("ItemsPath") == "$.Items" else state["Items"]
    if "ItemBatcher" not in state:
        return [{} for _ in items]
    size = state["ItemBatcher"]["MaxItemsPerBatch"]
    return [{"Items": items[at : at + size]} for at in range(0, len(items), size)]


def _item(processor: Json, scene: Scene, distributed: bool, data: Json) -> Process:
    history = scene.history
    if distributed:
        # The start of a child execution is a transition; an Express one is billed as a request.
        scene.run.transitions += processor["ProcessorConfig"].get("ExecutionType") != "EXPRESS"
        history = []
        scene.run.histories.append(history)
    history.append("Started")
    error = yield from _scope(processor, scene.inner(history, data))
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
    if "Condition" not in state["Choices"][0]:
        rules = [rule for rule in state["Choices"] if _holds(rule, scene)]
        return dict(rules[0]) if rules else {"Next": state["Default"], "Assign": state.get("Assign", {})}
    free = [rule for rule in state["Choices"] if FREE in rule["Condition"]]
    for rule in state["Choices"]:
        if rule not in free and _evaluated(rule["Condition"], scene.variables):
            return dict(rule)
    ways = [*free, {"Next": state["Default"], "Assign": state.get("Assign", {})}]
    return dict(ways[scene.adversary.way(name, len(ways))])


def _evaluated(value: Any, variables: Json) -> Any:
    if not isinstance(value, str):
        return value
    expression = Jsonata(value.removeprefix("{%").removesuffix("%}"))
    for name, known in variables.items():
        expression.assign(name, known)
    return expression.evaluate(None)


_COMPARE = {
    "NumericEquals": operator.eq,
    "NumericLessThan": operator.lt,
    "NumericLessThanEquals": operator.le,
    "NumericGreaterThan": operator.gt,
    "NumericGreaterThanEquals": operator.ge,
}


def _holds(rule: Json, scene: Scene) -> bool:
    """Evaluate a rule of a Choice in JSONPath; a numeric comparison with anything but a number is false."""
    if "And" in rule:
        return all(_holds(inner, scene) for inner in rule["And"])
    if "Or" in rule:
        return any(_holds(inner, scene) for inner in rule["Or"])
    if "Not" in rule:
        return not _holds(rule["Not"], scene)
    [name] = _COMPARE.keys() & rule.keys()
    value = _at_path(rule["Variable"], scene)
    return isinstance(value, int) and bool(_COMPARE[name](value, rule[name]))


def _at_path(path: str, scene: Scene) -> Any:
    if path.startswith("$."):
        value: Any = scene.data
        for key in path.split(".")[1:]:
            value = value[key]
        return value
    return scene.variables[path.removeprefix("$")] if path.startswith("$") else int(path)


def _in_json_path(value: str, scene: Scene) -> Any:
    if not value.startswith("States.MathAdd("):
        return _at_path(value, scene)
    return sum(_at_path(part.strip(), scene) for part in value[len("States.MathAdd(") : -1].split(","))


def _assigned(assign: Json, scene: Scene) -> Json:
    return {
        key.removesuffix(".$"): _in_json_path(value, scene)
        if key.endswith(".$")
        else _evaluated(value, scene.variables)
        for key, value in assign.items()
    }


def _template(value: Any, scene: Scene) -> Any:
    if not isinstance(value, dict):
        return value
    return {
        key.removesuffix(".$"): _in_json_path(inner, scene) if key.endswith(".$") else _template(inner, scene)
        for key, inner in value.items()
    }


def _output(state: Json, way: Json, scene: Scene) -> Json:
    """Return the output of a state: its result, in its ResultPath of the input."""
    if state["Type"] in {"Choice", "Wait", "Succeed"}:
        return scene.data
    path = (way if way in state.get("Catch", []) else state).get("ResultPath", "$")
    if state["Type"] == "Pass":
        result = state.get(
            "Result", _template(state["Parameters"], scene) if "Parameters" in state else scene.data
        )
    else:
        result = {"done": True}
    if path is None or path == "$":
        return scene.data if path is None else dict(result)
    data = copy.deepcopy(scene.data)
    *places, last = path.split(".")[1:]
    inner = data
    for place in places:
        inner = inner.setdefault(place, {})
    inner[last] = result
    return data
