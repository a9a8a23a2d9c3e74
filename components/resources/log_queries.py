"""The Logs Insights queries on the workers' log: saved in the account, and on the dashboard.

The fields are those of the worker's JSON lines, which Logs Insights discovers. Source: Amazon CloudWatch Logs User
Guide, "CloudWatch Logs Insights language query syntax" and "Supported logs and discovered fields".
"""

from dataclasses import dataclass

from components.settings.names import Names


@dataclass(frozen=True, kw_only=True)
class LogQuery:
    """A query on the workers' log."""

    what: str
    title: str
    commands: tuple[str, ...]

    @property
    def text(self) -> str:
        """The query as Logs Insights expects it."""
        return "\n| ".join(self.commands)

    def saved_name(self, names: Names) -> str:
        """Return the name of the saved query; the console shows the part before the slash as a folder."""
        return f"{names.task_group}/{self.title}"


ERRORS = LogQuery(
    what="errors",
    title="Errors and warnings, newest first",
    commands=(
        "fields @timestamp, run, region, message",
        "filter level in ['WARNING', 'ERROR', 'CRITICAL']",
        "sort @timestamp desc",
        "limit 50",
    ),
)

PROGRESS = LogQuery(
    what="progress",
    title="Progress of each worker",
    commands=(
        "fields strcontains(message, 'done in ') as is_done, strcontains(level, 'ERROR') as is_error",
        "fields (now() * 1000 - toMillis(@timestamp)) / 60000 as age_minutes",
        "stats sum(is_done) as regions_done, sum(is_error) as errors, min(age_minutes) as minutes_since_last_line "
        "by run, shard, attempt",
        "sort minutes_since_last_line asc",
        "limit 20",
    ),
)

SLOWEST_REGIONS = LogQuery(
    what="slowest-regions",
    title="Slowest regions",
    commands=(
        "filter message like /^done in /",
        "parse message 'done in * s' as seconds",
        "stats max(seconds) as most_seconds, pct(seconds, 50) as median_seconds, count(*) as times by region",
        "sort most_seconds desc",
        "limit 20",
    ),
)

MEMORY = LogQuery(
    what="memory",
    title="Memory of each worker",
    commands=(
        "filter message like /MiB in use$/",
        "parse message '* in * s, at most * MiB in use' as status, seconds, mib",
        "stats max(mib) as most_mib, max(seconds) as most_seconds by run, shard",
        "sort run desc, shard asc",
        "limit 50",
    ),
)

LOG_QUERIES = (ERRORS, PROGRESS, SLOWEST_REGIONS, MEMORY)
