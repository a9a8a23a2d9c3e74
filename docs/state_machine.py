"""Draws a state machine as a Mermaid flowchart, from its definition.

Source of the notation: https://mermaid.js.org/syntax/flowchart.html
"""

from collections.abc import Iterator
from typing import Any

State = dict[str, Any]

# The brackets that give a node the shape of its type.
SHAPES = {
    "Task": ('["', '"]'),
    "Choice": ('{{"', '"}}'),
    "Pass": ('("', '")'),
    "Wait": ('[/"', '"/]'),
    "Succeed": ('(["', '"])'),
    "Fail": ('(["', '"])'),
}
STYLES = """\
classDef task fill:#e8f1fb,stroke:#3b73af,color:#10243e
classDef choice fill:#fdf3dc,stroke:#b8860b,color:#3b2c05
classDef pass fill:#f4f4f4,stroke:#8a8a8a,color:#222222
classDef wait fill:#f1ecf7,stroke:#7a5ea8,color:#2a1a45
classDef succeed fill:#e3f4e5,stroke:#2e8540,color:#0d2b13
classDef fail fill:#fbe6e6,stroke:#b3261e,color:#3d0b08
classDef start fill:#444444,stroke:#444444"""


def flowchart(definition: State) -> str:
    """Return the machine as a flowchart: transitions solid, what happens to errors dotted."""
    lines = ["start(( )):::start", f"start --> {definition['StartAt']}", *_machine(definition)]
    return "\n".join(["flowchart TD", *(f"  {line}" for line in [*lines, *STYLES.splitlines()])])


def _machine(machine: State) -> Iterator[str]:
    for name, state in machine["States"].items():
        yield from _node(name, state)
    for name, state in machine["States"].items():
        yield from _ways(name, state)
    for name, state in machine["States"].items():
        yield from _ways_of_errors(name, state)


def _node(name: str, state: State) -> Iterator[str]:
    if state["Type"] == "Map":
        yield f'subgraph {name}["{name}: side by side, each item"]'
        yield from (f"  {line}" for line in _machine(state["ItemProcessor"]))
        yield "end"
        yield f"style {name} fill:#f7f9fc,stroke:#3b73af,color:#10243e"
        return
    opening, closing = SHAPES[state["Type"]]
    yield f"{name}{opening}{_label(name, state)}{closing}:::{state['Type'].lower()}"


def _label(name: str, state: State) -> str:
    if state["Type"] != "Task":
        return name
    call = state["Resource"].partition(":states:::")[2].removeprefix("aws-sdk:")
    words = call.replace(":", " ").replace(".waitForTaskToken", ", waits for its token")
    return f"{name}<br><small>{words}</small>"


def _ways(name: str, state: State) -> Iterator[str]:
    if "Next" in state:
        whatever = '|"done or not"|' if state["Next"] in _caught(state) else ""
        yield f"{name} -->{whatever} {state['Next']}"
    for rule in state.get("Choices", ()):
        yield f'{name} -->|"{_escaped(rule["Condition"])}"| {rule["Next"]}'
    if "Default" in state:
        yield f'{name} -->|"otherwise"| {state["Default"]}'


def _ways_of_errors(name: str, state: State) -> Iterator[str]:
    for target in _caught(state):
        if target != state.get("Next"):
            yield f'{name} -.->|"error"| {target}'


def _caught(state: State) -> list[str]:
    return [catcher["Next"] for catcher in state.get("Catch", ())]


def _escaped(condition: str) -> str:
    code = condition.removeprefix("{% ").removesuffix(" %}")
    return code.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
