"""The panels of a stack."""

from collections.abc import Iterator, Sequence
from typing import Any

from grafana_foundation_sdk.builders import logs, statetimeline, timeseries
from grafana_foundation_sdk.builders.common import (
    GraphThresholdsStyleConfig,
    StackingConfig,
    VizLegendOptions,
    VizTooltipOptions,
)
from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
from grafana_foundation_sdk.models.common import (
    GraphDrawStyle,
    GraphTresholdsStyleMode,
    StackingMode,
    TooltipDisplayMode,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DynamicConfigValue,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMappingResult,
)
from queries import CLOUDWATCH, WATCH_SECONDS, Stack

HEIGHT, THIRD, WHOLE = 8, 8, 24
# The names of Grafana's palette, whose colours fit the light theme and the dark one.
GOOD, PARTLY, BAD = "green", "orange", "red"


def panels(stack: Stack) -> Iterator[Any]:
    """Yield the panels of a stack in the order of the grid."""
    outputs = stack.outputs
    yield _bars(
        "Outcomes of runs",
        [
            stack.own("WeeklyMonitoringSuccess", "SampleCount", "ended"),
            stack.own("WeeklyMonitoringSuccess", "Sum", "succeeded", "Succeeded"),
            stack.own("WeeklyMonitoringPartial", "Sum", "partial", "Partial"),
            stack.math("ended - succeeded - partial", "failed", "Failed"),
        ],
        {"Succeeded": GOOD, "Partial": PARTLY, "Failed": BAD},
    )
    yield _line(
        "Hours since the last success",
        [stack.own("HoursSinceLastSuccess", "Maximum", "hours", "Hours", WATCH_SECONDS)],
        unit="h",
        bound=outputs["success_overdue_hours"],
    )
    yield _bars(
        "Regions",
        [
            stack.own("RegionsSucceeded", "Sum", "succeeded", "Succeeded"),
            stack.own("RegionsFailed", "Sum", "failed", "Failed"),
        ],
        {"Succeeded": GOOD, "Failed": BAD},
    )
    yield _line(
        "Duration of runs",
        [
            stack.own("ExecutionDuration", "Maximum", "longest", "Longest"),
            # Metric math needs a series in the expression; the difference is one of zeros.
            stack.math("longest - longest + AVG(longest)", "usual", "Usual"),
        ],
        unit="s",
        bound=outputs["run_timeout_seconds"],
    )
    yield _line(
        "Estimated cost of runs",
        [stack.own("EstimatedRunCostUsd", "Maximum", "usd", "A run")],
        unit="currencyUSD",
    )
    yield _line(
        "Messages in dead-letter queues",
        [
            stack.queue("dlq_url", "starts", "Starts"),
            stack.queue("watch_dlq_url", "events", "Events of the watch"),
            stack.queue("notifications_dlq_url", "messages", "Messages"),
        ],
        unit="short",
    )
    yield _conditions("Conditions of alarms, by day", list(_alarms(stack)))
    yield (
        logs.Panel()
        .title("Warnings and errors of workers, last 7 days")
        .datasource(CLOUDWATCH)
        .with_target(stack.logs())
        # Logs Insights bills the bytes that it scans.
        .time_from("7d")
        .show_time(True)
        .wrap_log_message(True)
        .height(HEIGHT)
        .span(WHOLE)
    )


def _alarms(stack: Stack) -> Iterator[Any]:
    """Yield for each condition the hidden query of its metric and the query that is 1 while it holds."""
    machine, watch = "step_functions_state_machine_arn", "watch_state_machine_arn"
    overdue = stack.outputs["success_overdue_hours"]
    conditions = [
        ("Run failed", stack.machine(machine, "ExecutionsFailed", "m1"), "> 0"),
        ("Run timed out", stack.machine(machine, "ExecutionsTimedOut", "m2"), "> 0"),
        ("Run stopped", stack.machine(machine, "ExecutionsAborted", "m3"), "> 0"),
        ("Success overdue", stack.own("HoursSinceLastSuccess", "Maximum", "m4"), f"> {overdue}"),
        ("Start not delivered", stack.queue("dlq_url", "m5"), "> 0"),
        ("Event not delivered", stack.queue("watch_dlq_url", "m6"), "> 0"),
        ("Message not delivered", stack.queue("notifications_dlq_url", "m7"), "> 0"),
        ("Message not sent", stack.own("NotificationsFailed", "Sum", "m8"), "> 0"),
        ("Watch machine silent", stack.machine(watch, "ExecutionsSucceeded", "m9"), "< 1"),
    ]
    for number, (label, query, condition) in enumerate(conditions, start=1):
        yield query
        yield stack.math(f"FILL(m{number}, 0) {condition}", f"c{number}", label)


def _bars(title: str, queries: Sequence[Any], colors: dict[str, str]) -> timeseries.Panel:
    panel = _chart(title, queries).draw_style(GraphDrawStyle.BARS).fill_opacity(80)
    panel = panel.stacking(StackingConfig().mode(StackingMode.NORMAL).group("A")).decimals(0)
    for name, color in colors.items():
        fixed = DynamicConfigValue(id_val="color", value={"mode": "fixed", "fixedColor": color})
        panel = panel.override_by_name(name, [fixed])
    return panel


def _line(title: str, queries: Sequence[Any], *, unit: str, bound: float | None = None) -> timeseries.Panel:
    # Runs are days apart, so each one is a point.
    panel = _chart(title, queries).unit(unit).show_points(VisibilityMode.ALWAYS).span_nulls(True)
    if bound is None:
        return panel
    steps = [Threshold(value=None, color="transparent"), Threshold(value=bound, color=BAD)]
    style = GraphThresholdsStyleConfig().mode(GraphTresholdsStyleMode.DASHED)
    panel = panel.thresholds(ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps))
    return panel.thresholds_style(style)


def _chart(title: str, queries: Sequence[Any]) -> timeseries.Panel:
    panel = timeseries.Panel().title(title).datasource(CLOUDWATCH).targets(list(queries))
    panel = panel.legend(VizLegendOptions().show_legend(True))
    return panel.tooltip(VizTooltipOptions().mode(TooltipDisplayMode.MULTI)).min(0).height(HEIGHT).span(THIRD)


def _conditions(title: str, queries: Sequence[Any]) -> statetimeline.Panel:
    states = {
        "0": ValueMappingResult(text="OK", color=GOOD, index=0),
        "1": ValueMappingResult(text="Alarm", color=BAD, index=1),
    }
    panel = statetimeline.Panel().title(title).datasource(CLOUDWATCH).targets(list(queries))
    panel = panel.mappings([ValueMap(options=states)]).show_value(VisibilityMode.NEVER).fill_opacity(70)
    return panel.height(HEIGHT).span(WHOLE)
