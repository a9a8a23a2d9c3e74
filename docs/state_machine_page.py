"""The page docs/state-machine.md: a flowchart of each phase of the weekly machine, with the conditions of choices."""

from collections.abc import Iterator, Mapping
from typing import Any

from components.machines.weekly.machine import definition
from components.settings.names import Names
from docs.stack_files import settings_of
from docs.state_machine import STYLES, State, condition_of, nodes, transitions

PHASES = {
    "Start, and the claim of the pipeline": "LoadSettings",
    "The claim of the run": "ClaimRun",
    "Validation and work": "ValidateInputs",
    "Workers that still run": "FindWorkers",
    "The result": "SummarizeRun",
    "Metrics, messages and the end": "PublishMetrics",
}
"""The first state of each phase; the definition lists the states in the order of a successful run."""

INTRODUCTION = """\
# The state machine

The state machine `ccapi-weekly-monitoring-STACK`. `make docs` generates these flowcharts from its definition in prod.
The other stacks have the same states; a stack that runs every n weeks has one more, which ends the executions in the
weeks between.

A Task is blue, a Choice yellow, a Wait purple, and an end state green or red; a dashed box is a state of another
phase. A dotted arrow is taken after an error that remains after all retries. The numbers at the arrows of a Choice
are its conditions, in [JSONata](https://docs.jsonata.org/), listed below the flowchart; the first condition that is
true applies.

`RunShard` is retried if its worker could not be started or was lost. Each retry runs on demand instead of on Spot,
and one size larger. [decisions.md](decisions.md) explains the design of the machine, and [policies.md](policies.md)
lists the rules that limit its duration."""


def page() -> str:
    """Return the page."""
    settings = settings_of("prod")
    machine = definition(settings, Names.of(settings))
    return "\n\n".join([INTRODUCTION, *_phases(machine["States"])]) + "\n"


def phases_of(states: Mapping[str, State]) -> dict[str, list[str]]:
    """Return the names of the states of each phase; an end state that only one phase leads to belongs to that phase.

    Raises:
        ValueError: if a phase begins with a state that the machine does not have.
    """
    names = list(states)
    starts = [names.index(first) for first in PHASES.values()]
    phase_of = {name: title for title, start in zip(PHASES, starts, strict=True) for name in names[start:]}
    sources: dict[str, set[str]] = {}
    for source, _, target in transitions(states):
        sources.setdefault(target, set()).add(phase_of[source])
    for name in names:
        if states[name]["Type"] in {"Succeed", "Fail"} and len(sources[name]) == 1:
            (phase_of[name],) = sources[name]
    return {title: [name for name in names if phase_of[name] == title] for title in PHASES}


def _phases(states: Mapping[str, State]) -> Iterator[str]:
    for title, names in phases_of(states).items():
        yield f"## {title}"
        yield f"```mermaid\n{flowchart(states, names)}\n```"
        for name in names:
            if choices := states[name].get("Choices"):
                yield "\n".join(_conditions(name, states[name], choices))


def flowchart(states: Mapping[str, State], names: list[str]) -> str:
    """Return some states as a flowchart, with the states of other phases that they lead to as dashed boxes."""
    own = {name: states[name] for name in names}
    drawn = list(transitions(own))
    others = dict.fromkeys(target for _, _, target in drawn if target not in own)
    lines = [
        *nodes(own),
        *(f'{name}["{name}"]:::other' for name in others),
        *(f"{source} {arrow} {target}" for source, arrow, target in drawn),
        *STYLES.splitlines(),
        "classDef other fill:none,stroke:#8a8a8a,stroke-dasharray:4",
    ]
    return "\n".join(["flowchart TD", *(f"  {line}" for line in lines)])


def _conditions(name: str, state: State, choices: list[dict[str, Any]]) -> Iterator[str]:
    yield f"`{name}`:\n"
    for number, rule in enumerate(choices, start=1):
        yield f"{number}. to `{rule['Next']}` if `{condition_of(rule)}`"
    yield f"{len(choices) + 1}. otherwise to `{state['Default']}`"
