"""The rule that a stack has its own values in place of a template's placeholders."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from guardrails import strict_json
from guardrails.aws.types import BUDGET, FUNCTION, TASK_DEFINITION, TOPIC_SUBSCRIPTION
from guardrails.properties import read_partly
from guardrails.rule import NAMES, Level, Limit, Rule, Scope, Severity, Subject

_READ = {
    TASK_DEFINITION: ("containerDefinitions",),
    FUNCTION: ("environment", "imageUri"),
    TOPIC_SUBSCRIPTION: ("endpoint",),
    BUDGET: ("notifications",),
}
"""The properties that hold values of a stack's own, by type: addresses, images, and settings of programs."""


def _placeholders(subject: Subject) -> Iterator[str]:
    patterns = tuple(subject.limits["placeholders"])
    found: dict[str, str] = {}
    for path in _READ[subject.resource.type]:
        for place, text in _texts(_parsed(read_partly(subject.resource, path)), path):
            pattern = next((pattern for pattern in patterns if fnmatchcase(text.lower(), pattern)), None)
            if pattern is not None:
                found.setdefault(place, pattern)
    for place, pattern in found.items():
        yield (
            f"{place} is still a placeholder of the form {pattern}; write the stack's own value, or remove the form "
            "from placeholders."
        )


def _parsed(value: Any) -> Any:
    """Return the JSON in a text, or the value itself."""
    try:
        return strict_json.loads(value) if isinstance(value, str) and value.startswith(("[", "{")) else value
    except (ValueError, RecursionError):
        return value


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Yield every known text in a value with its place; a variable of a container is called by its name."""
    if isinstance(value, Mapping):
        named = value.get("name") if "value" in value else None
        for key, inner in value.items():
            yield from _texts(inner, named if isinstance(named, str) else str(key))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner, place)
    elif isinstance(value, str):
        yield place, value


RULES = (
    Rule(
        name="placeholders-replaced",
        requirement="No address, image or variable of a program is still a placeholder of a template.",
        rationale=(
            "A stack with the placeholders of an example deploys well, and then runs no program, or sends its alarms "
            "to no operator. The rule passes until a stack's limits list the forms of its placeholders."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Write the stack's own value in its settings.",
        url="https://docs.aws.amazon.com/wellarchitected/latest/operational-excellence-pillar/ops_ready_to_support_const_orr.html",
        scope=Scope.RESOURCE,
        resource_types=frozenset(_READ),
        evaluate=_placeholders,
        is_of_deployment=True,
        limits=(
            Limit(
                key="placeholders",
                description="The forms of placeholders in lower case, as in *@example.com; * matches any text.",
                default=[],
                schema=NAMES,
            ),
        ),
    ),
)
