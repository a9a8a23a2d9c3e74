"""The charts of the page as Vega-Lite, written in Altair.

The page fills in the rows of each chart, and a colour of its theme for each name that begins with `@`.
"""

from typing import Any, Literal

import altair as alt

# Altair does not declare what its methods return.
_Chart = Any
_ROWS = alt.NamedData(name="rows")
_OUTCOMES = ["succeeded", "partial", "failed"]
_BY_OUTCOME = alt.Scale(domain=_OUTCOMES, range=[f"@{outcome}" for outcome in _OUTCOMES])
# A log scale shows runs of minutes below a timeout of hours; its ticks are times that people use.
_SECONDS = [1, 5, 15, 60, 300, 900, 3600, 14_400, 43_200, 86_400, 259_200, 604_800]
_IN_UNITS = (
    "datum.value >= 86400 ? datum.value / 86400 + ' d' : datum.value >= 3600 ? datum.value / 3600 + ' h'"
    " : datum.value >= 60 ? datum.value / 60 + ' min' : datum.value + ' s'"
)
_CELL = 17
_CELLS = alt.Scale(paddingInner=0.1)
_HEIGHT = 190
# The scale of areas is at least this wide; the sample reports no smaller clearing.
_LEAST_HECTARES = 0.1
# The cell or bar of a single run is not as wide as the page.
_WIDTH = alt.ExprRef("min(64, bandwidth('x'))")
# On a phone the names of regions are cut, and the table has the whole.
_NAMES = alt.ExprRef("windowSize()[0] < 700 ? 110 : 230")
# A value that is not known keeps its place on the axis; the chart marks it otherwise.
_INVALID: Literal["show"] = "show"


def specifications() -> dict[str, dict[str, Any]]:
    """Return the specification of each chart by its name."""
    charts = {
        "calendar": calendar(),
        "regions": regions(),
        "duration": duration(),
        "cost": cost(),
        "months": months(),
        "hectares": hectares(),
    }
    return {name: _plain(chart) for name, chart in charts.items()}


def _plain(chart: _Chart) -> dict[str, Any]:
    found: dict[str, Any] = chart.properties(
        width="container",
        background="transparent",
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    ).to_dict()
    # The page configures all charts by its theme.
    found.pop("config", None)
    return found


def calendar() -> _Chart:
    """Return a row for each month with a cell for each day that had a run."""
    return (
        alt.Chart(_ROWS, height=alt.Step(_CELL))
        .mark_rect(cornerRadius=2, stroke="@surface", strokeWidth=1)
        .encode(
            x=alt.X(
                "day:O",
                title="day of the month",
                scale=alt.Scale(domain=list(range(1, 32)), paddingInner=0.08),
            ).axis(labelAngle=0, labelOverlap=True),
            y=alt.Y("month:O", title=None, sort=None, scale=alt.Scale(paddingInner=0.08)),
            color=alt.Color(
                "outcome:N",
                legend=None,
                scale=alt.Scale(
                    domain=["none", *_OUTCOMES], range=["@empty", *(f"@{outcome}" for outcome in _OUTCOMES)]
                ),
            ),
        )
    )


def regions() -> _Chart:
    """Return a row for each region with a cell for each run."""
    domain = ["succeeded", "failed", "skipped", "no part"]
    return (
        alt.Chart(_ROWS, height=alt.Step(_CELL))
        .mark_rect(cornerRadius=2, width=_WIDTH)
        .encode(
            x=_runs(),
            y=alt.Y("region:O", title=None, sort=None, scale=_CELLS).axis(labelLimit=_NAMES),
            color=alt.Color(
                "outcome:N",
                legend=None,
                scale=alt.Scale(domain=domain, range=["@succeeded-pale", "@failed", "@skipped", "@empty"]),
            ),
        )
    )


def duration() -> _Chart:
    """Return the duration of each run, with the timeout as a line above."""
    y = alt.Y("seconds:Q", title=None, scale=alt.Scale(type="log", nice=False)).axis(
        values=_SECONDS, labelExpr=_IN_UNITS, grid=True
    )
    runs = alt.Chart(_ROWS)
    line = runs.mark_line(color="@muted", strokeWidth=1.5).encode(x=_runs(alt.Undefined), y=y)
    points = runs.mark_point(filled=True, size=45, opacity=1).encode(
        x=_runs(alt.Undefined),
        y=y,
        color=alt.Color("outcome:N", scale=_BY_OUTCOME, legend=None),
        shape=alt.Shape(
            "outcome:N",
            scale=alt.Scale(domain=_OUTCOMES, range=["circle", "square", "triangle-up"]),
            legend=None,
        ),
    )
    bound = runs.transform_aggregate(timeout="min(timeout)")
    rule = bound.mark_rule(color="@failed", strokeDash=[5, 4]).encode(y="timeout:Q")
    label = bound.mark_text(align="left", baseline="bottom", dx=3, dy=-3, color="@ink").encode(
        x=alt.value(0), y="timeout:Q", text=alt.value("timeout")
    )
    return (line + points + rule + label).properties(height=_HEIGHT)


def cost() -> _Chart:
    """Return the cost of each run, with a question mark for a cost that is not known."""
    runs = alt.Chart(_ROWS)
    bars = runs.mark_bar(cornerRadiusEnd=2, width=_WIDTH, invalid=_INVALID).encode(
        x=_runs(), y=_dollars("usd"), color=alt.Color("outcome:N", scale=_BY_OUTCOME, legend=None)
    )
    return (bars + _unknown(_runs())).properties(height=_HEIGHT)


def months() -> _Chart:
    """Return the cost of each month below the budget."""
    x = alt.X("label:O", title=None, sort=None).axis(labelAngle=0, labelOverlap=True)
    rows = alt.Chart(_ROWS)
    bars = rows.mark_bar(color="@accent", cornerRadiusEnd=2, width=_WIDTH, invalid=_INVALID).encode(
        x=x, y=_dollars("usd")
    )
    known = rows.transform_filter("isValid(datum.budget)").transform_aggregate(budget="min(budget)")
    rule = known.mark_rule(color="@failed", strokeDash=[5, 4]).encode(y="budget:Q")
    label = known.mark_text(align="left", baseline="bottom", dx=3, dy=-3, color="@ink").encode(
        x=alt.value(0), y="budget:Q", text=alt.value("budget of the whole stack")
    )
    return (bars + _unknown(x) + rule + label).properties(height=_HEIGHT)


def hectares() -> _Chart:
    """Return a row for each region with its cleared hectares in each run, on the colour of an unknown area.

    Vega-Lite gives an unknown value the colour of 0, whatever a condition says; so only known areas have a mark.
    """
    rows = alt.Chart(_ROWS, height=alt.Step(_CELL))
    x, y = _runs(), alt.Y("region:O", title=None, sort=None, scale=_CELLS).axis(labelLimit=_NAMES)
    unknown = rows.mark_rect(cornerRadius=2, width=_WIDTH, color="@empty").encode(x=x, y=y)
    areas = (
        rows.transform_filter("isValid(datum.hectares)")
        .mark_rect(cornerRadius=2, width=_WIDTH)
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "hectares:Q",
                title="hectares",
                # Without 0 the least area of a run would look like none; of 0 alone, every cell would have the
                # middle of the colours.
                scale=alt.Scale(
                    domain=alt.DomainUnionWith(unionWith=[0, _LEAST_HECTARES]),
                    range=["@least", "@most"],
                    type="sqrt",
                ),
                legend=alt.Legend(
                    orient="top", direction="horizontal", gradientLength=160, gradientThickness=9
                ),
            ),
        )
    )
    return unknown + areas


def _runs(scale: Any = _CELLS) -> alt.X:
    return alt.X("run:O", title=None, sort=None, scale=scale).axis(
        labelAngle=-45, labelOverlap=True, labelSeparation=8, labelLimit=90
    )


def _dollars(field: str) -> alt.Y:
    return alt.Y(f"{field}:Q", title=None, scale=alt.Scale(domainMin=0)).axis(format="$,.3~f", tickCount=5)


def _unknown(x: alt.X) -> _Chart:
    return (
        alt.Chart(_ROWS)
        .transform_filter("!isValid(datum.usd)")
        .mark_text(text="?", baseline="bottom", fontWeight="bold", color="@muted")
        .encode(x=x, y=alt.value(_HEIGHT - 3))
    )
