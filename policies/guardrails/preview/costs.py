"""What a stack costs, as a section of what is told of its preview."""

from guardrails.cost.bill import Case
from guardrails.cost.report import beyond_free_tier, left_out, month_rows, prices_sentence, run_rows
from guardrails.preview.figures import figures_of, month
from guardrails.preview.outcome import Preview
from guardrails.preview.section import Section


def costs_section(preview: Preview) -> Section:
    """Return what a month and the runs cost, or why nobody knows."""
    costs = preview.report["cost"]
    if "unknown" in costs:
        return Section(title="What it costs is not known", sentences=[f"{costs['unknown']}."])
    if not costs["regions"]:
        return Section(title="What it costs", sentences=[prices_sentence(costs)], lists=left_out(costs))
    figures = figures_of(preview)
    expected, worst = (figures[month(case)].text for case in Case)
    return Section(
        title=f"What it costs: {expected} a month as expected, {worst} at worst",
        tables=[month_rows(costs), *([run_rows(costs)] if costs["machines"] else [])],
        sentences=[*beyond_free_tier(costs), prices_sentence(costs)],
        lists=left_out(costs),
    )
