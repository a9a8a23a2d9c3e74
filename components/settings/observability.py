"""The logs, traces and reports of a run."""

from typing import Annotated, Literal

from pydantic import Field

from components.settings.base import SettingsModel
from components.settings.patterns import has_form

METRIC_NAMESPACE = "CloudClearingAPI"

# The retention periods that CloudWatch Logs supports, source: PutRetentionPolicy, parameter retentionInDays.
RetentionDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]  # fmt: skip


class Observability(SettingsModel):
    """Logs, traces and reports."""

    log_retention_days: RetentionDays = 90
    """Log events older than this are deleted; log storage is billed."""
    report_retention_days: int = Field(default=730, ge=30, le=3650)
    """Reports older than this are deleted."""
    container_insights: bool = False
    """If true, the dashboard shows CPU and memory of the workers, as custom metrics that are billed."""
    metric_namespace: Annotated[
        str, has_form(r"[A-Za-z][\w-]{0,59}", what="a namespace of metrics", example="NightlyExport")
    ] = METRIC_NAMESPACE
    """The CloudWatch namespace of the stack's own metrics; the dashboard's name begins with it."""
    tracing: bool = True
    """If true, X-Ray records a trace of each run."""
