"""One CloudWatch dashboard with a column for each stack, made from nothing but the stacks' outputs."""

import json
from functools import partial
from typing import Any

import pulumi
import pulumi_aws as aws

CONTRACT = "1"  # The major version of the outputs that this program was written for.
DAY_SECONDS, GRID_WIDTH, HEIGHT = 86_400, 24, 6
# Title, metrics, statistic, and the output that is drawn as a line.
CHARTS: list[tuple[str, list[str], str, str | None]] = [
    ("outcome", ["WeeklyMonitoringSuccess", "WeeklyMonitoringPartial", "RegionsFailed"], "Sum", None),
    ("hours since success", ["HoursSinceLastSuccess"], "Maximum", "success_overdue_hours"),
    ("seconds a run", ["ExecutionDuration"], "Maximum", "run_timeout_seconds"),
    ("US dollars a run", ["EstimatedRunCostUsd"], "Maximum", None),
]


def checked(stack: str, outputs: dict[str, Any]) -> dict[str, Any]:
    """Return the outputs of a stack, or end the deployment if their major version is another one."""
    version = outputs.get("outputs_version", "0.0")
    if version.partition(".")[0] != CONTRACT:
        raise pulumi.RunError(
            f"the outputs of {stack} have version {version}, and this program reads version {CONTRACT}; "
            "deploy that stack with a ccapi that has it, or adapt CHARTS and CONTRACT to docs/outputs.md"
        )
    return outputs


def column(outputs: dict[str, Any], account: dict[str, str]) -> list[dict[str, Any]]:
    """Return a stack's widgets from top to bottom; `account` has the option `accountId` of each metric, or nothing."""
    title, whose = outputs["environment"], ["Environment", outputs["environment"], account]
    alarms = {"title": f"{title}: alarms", "alarms": outputs["alarm_arns"]}
    widgets = [{"type": "alarm", "properties": alarms}]
    for what, metrics, statistic, bound in CHARTS:
        series = [[outputs["metric_namespace"], metric, *whose] for metric in metrics]
        lines = {"annotations": {"horizontal": [{"label": bound, "value": outputs[bound]}]}} if bound else {}
        shown = {"title": f"{title}: {what}", "region": outputs["aws_region"], "metrics": series, **lines}
        widgets.append({"type": "metric", "properties": {**shown, "stat": statistic, "period": DAY_SECONDS}})
    return widgets


def body(stacks: list[dict[str, Any]]) -> str:
    """Return the dashboard's body as CloudWatch expects it."""
    ids = [outputs["step_functions_state_machine_arn"].split(":")[4] for outputs in stacks]
    # Only the monitoring account of a cross-account observability may name other accounts.
    accounts = [{"accountId": account} if len(set(ids)) > 1 else {} for account in ids]
    width = GRID_WIDTH // len(stacks)
    widgets = [
        {**widget, "x": width * left, "y": HEIGHT * top, "width": width, "height": HEIGHT}
        for left, (outputs, account) in enumerate(zip(stacks, accounts, strict=True))
        for top, widget in enumerate(column(outputs, account))
    ]
    return json.dumps({"widgets": widgets})


names = pulumi.Config().require_object("stacks")
stacks = [pulumi.StackReference(name).outputs.apply(partial(checked, name)) for name in names]
aws.cloudwatch.Dashboard(
    "stacks", dashboard_name="ccapi", dashboard_body=pulumi.Output.all(*stacks).apply(body)
)
