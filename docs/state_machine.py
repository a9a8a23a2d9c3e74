"""A state machine as the nodes and arrows of a Mermaid flowchart, from its definition.

Source of the notation: https://mermaid.js.org/syntax/flowchart.html
"""

from collections.abc import Iterator, Mapping
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
classDef fail fill:#fbe6e6,stroke:#b3261e,color:#3d0b08"""


def nodes(states: Mapping[str, State]) -> Iterator[str]:
    """Yield the Mermaid lines of states; the states of a Map are inside its subgraph."""
    for name, state in states.items():
        if state["Type"] == "Map":
            yield f'subgraph {name}["{name}: in parallel, for each item"]'
            inner = state["ItemProcessor"]["States"]
            yield from (f"  {line}" for line in nodes(inner))
            yield from (f"  {source} {arrow} {target}" for source, arrow, target in transitions(inner))
            yield "end"
            yield f"style {name} fill:#f7f9fc,stroke:#3b73af,color:#10243e"
        else:
            yield _node(name, state)


def transitions(states: Mapping[str, State]) -> Iterator[tuple[str, str, str]]:
    """Yield each transition as source, arrow and target; the arrows of a Choice are numbered by condition."""
    for name, state in states.items():
        caught = [catcher["Next"] for catcher in state.get("Catch", ())]
        if "Next" in state:
            yield name, '-->|"success or error"|' if state["Next"] in caught else "-->", state["Next"]
        for number, rule in enumerate(state.get("Choices", ()), start=1):
            yield name, f'-->|"{number}"|', rule["Next"]
        if "Default" in state:
            yield name, '-->|"otherwise"|', state["Default"]
        for target in dict.fromkeys(caught):
            if target != state.get("Next"):
                yield name, '-.->|"error"|', target


def condition_of(rule: Mapping[str, Any]) -> str:
    """Return the condition of a Choice rule without the JSONata delimiters `{% … %}`."""
    return str(rule["Condition"]).removeprefix("{% ").removesuffix(" %}")


def _node(name: str, state: State) -> str:
    opening, closing = SHAPES[state["Type"]]
    return f"{name}{opening}{_label(name, state)}{closing}:::{state['Type'].lower()}"


def _label(name: str, state: State) -> str:
    if state["Type"] != "Task":
        return name
    call = state["Resource"].partition(":states:::")[2].removeprefix("aws-sdk:")
    words = call.replace(":", " ").replace(".waitForTaskToken", ", waits for its token")
    return f"{name}<br><small>{words}</small>"
