"""The graphs of the dashboard as SVG, drawn by Vega-Lite."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import altair as alt
import vl_convert

from docs.dashboard.series import Line

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
"""The first font is part of the renderer, so that widths of texts are the same on each machine."""
_LINES = {
    # The colours of Okabe and Ito, which people with any kind of colour vision can distinguish.
    "light": ("#0072b2", "#d55e00", "#009e73", "#cc79a7"),
    "dark": ("#56b4e9", "#e69f00", "#2bc48a", "#e39bc4"),
}
_LABEL: dict[str, Any] = {"align": "right", "baseline": "bottom", "dy": -3, "fontSize": 11}
_BOUNDS = {"light": "#b3261e", "dark": "#ff8a80"}


def graph(
    properties: Mapping[str, Any],
    lines: Sequence[Line],
    *,
    since: datetime,
    now: datetime,
    width: float,
    height: float,
    theme: str,
    colours: Mapping[str, str],
) -> str:
    """Return the SVG of a graph over time, with its legend below."""
    labels = [line.label for line in lines]
    axis = properties["yAxis"]["left"]
    y = alt.Y(
        "value:Q",
        title=axis.get("label"),
        scale=alt.Scale(domainMin=axis["min"], nice=True),
        axis=alt.Axis(tickCount=_ticks(lines), format="~s" if _is_bytes(properties) else ",.4~f"),
    )
    # A period may begin before the graph does.
    time = alt.Scale(domain=[_utc(since), _utc(now)], type="utc", clamp=True)
    x = alt.X("time:T", title=None, scale=time, axis=alt.Axis(format="%d %b", tickCount=6))
    shown = alt.Chart(alt.InlineData(values=list(_values(lines)))).encode(
        x=x,
        y=y,
        color=alt.Color(
            "label:N",
            title=None,
            sort=labels,
            scale=alt.Scale(domain=labels, range=list(_LINES[theme][: len(labels)])),
            legend=alt.Legend(orient="bottom", direction="horizontal", symbolType="stroke", labelLimit=220),
        ),
    )
    bounds = properties.get("annotations", {}).get("horizontal", [])
    lined = alt.Chart(alt.InlineData(values=bounds)).encode(y="value:Q")
    label = lined.encode(x=alt.value("width"), text="label:N")
    marks = [
        shown.mark_line(strokeWidth=1.6),
        *([shown.mark_point(filled=True, size=14, opacity=1)] if _is_sparse(lines) else []),
        *([lined.mark_rule(color=_BOUNDS[theme], strokeDash=[5, 3])] if bounds else []),
        *([label.mark_text(color=_BOUNDS[theme], **_LABEL)] if bounds else []),
    ]
    chart = alt.layer(*marks)
    spec = chart.properties(
        width=width, height=height, autosize=alt.AutoSizeParams(type="fit", contains="padding"), padding=6
    ).configure(**_config(colours))
    return str(vl_convert.vegalite_to_svg(spec.to_dict(), vl_version="6.1"))


def _values(lines: Sequence[Line]) -> Iterator[dict[str, Any]]:
    """Yield the values of all lines; a missing period breaks its line, as in CloudWatch."""
    for line in lines:
        before: datetime | None = None
        for moment, value in line.points:
            if before is not None and moment - before > line.period:
                yield {"time": _utc(before + line.period), "value": None, "label": line.label}
            yield {"time": _utc(moment), "value": value, "label": line.label}
            before = moment


def _is_sparse(lines: Sequence[Line]) -> bool:
    """Return True if single points are visible; many of them would be a thick line."""
    return all(len(line.points) <= 30 for line in lines)


def _ticks(lines: Sequence[Line]) -> int:
    """Return the number of ticks of an axis; between 0 and 1 there is no tick for a count."""
    values = [value for line in lines for _, value in line.points]
    is_count = all(value == int(value) for value in values)
    return min(4, int(max(values))) if is_count and values else 4


def _is_bytes(properties: Mapping[str, Any]) -> bool:
    return any("Bytes" in part for row in properties["metrics"] for part in row if isinstance(part, str))


def _utc(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _config(colours: Mapping[str, str]) -> dict[str, Any]:
    words = {"labelColor": colours["muted"], "titleColor": colours["muted"], "labelFontSize": 11}
    return {
        "background": "transparent",
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            **words,
            "titleFontSize": 11,
            "titleFontWeight": "normal",
            "gridColor": colours["border"],
            "gridOpacity": 0.6,
            "domainColor": colours["border"],
            "tickColor": colours["border"],
        },
        "axisX": {"grid": False},
        "legend": {"labelColor": colours["ink"], "labelFontSize": 11, "padding": 0, "offset": 4},
    }
