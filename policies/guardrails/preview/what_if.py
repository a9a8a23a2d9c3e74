"""What stacks would be with other settings: each as it is, beside its variations."""

from collections.abc import Iterator, Mapping
from typing import Any

from guardrails.preview import outcome
from guardrails.preview.figures import dearest_machine
from guardrails.preview.outcome import Preview
from guardrails.preview.overview import HEADINGS, figure_cells
from guardrails.preview.section import Section
from guardrails.preview.variations import AS_IT_IS
from guardrails.tables import Row

NOT_POSSIBLE = "not possible"
"""How it is said that a stack could not be previewed, as its settings do not go together."""

Varied = Mapping[str, Preview]
"""The previews of a stack by the variation's name, the stack as it is first."""


def what_if_section(varied: Varied) -> Section:
    """Return what a stack would cost, how long it could run, and what would be refused."""
    as_it_is = varied[AS_IT_IS]
    machine = dearest_machine(as_it_is)
    return Section(
        title=f"What if: {as_it_is.stack}",
        tables=[[HEADINGS, *(_row(name, preview, machine) for name, preview in varied.items())]],
        sentences=[f"A run is one of {machine}."] if machine else [],
        lists={"What does not pass:": notes} if (notes := list(_notes(varied))) else {},
    )


def as_json(varied: Varied) -> dict[str, Any]:
    """Return a stack with its variations as JSON."""
    return {
        "stack": varied[AS_IT_IS].stack,
        "variations": [{"name": name, **outcome.as_json(preview)} for name, preview in varied.items()],
    }


def _row(name: str, preview: Preview, machine: str) -> Row:
    verdict = str(preview.verdict) if preview.report else NOT_POSSIBLE
    return (name, *figure_cells(preview, machine), verdict)


def _notes(varied: Varied) -> Iterator[str]:
    for name, preview in varied.items():
        if rules := dict.fromkeys(one.rule for one in preview.violations if one.is_mandatory):
            yield f"{name}: refused by {', '.join(rules)}"
        for error in preview.errors:
            yield f"{name}: {'' if preview.report else f'{NOT_POSSIBLE}: '}{' '.join(error.split())}"
