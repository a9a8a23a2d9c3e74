"""The check of the last success."""

import json
from datetime import datetime

from cli.doctor.check import Context, Finding, fail, ok, warn
from cli.schedules.schedule import read_schedule
from cli.times import ago

_KEY = "state/last-success.json"


def check_last_success(context: Context) -> Finding:
    """Find a pipeline whose last success is longer ago than its schedule allows."""
    s3 = context.stack.client("s3")
    most = context.reporter.missed_after_hours
    try:
        body = s3.get_object(Bucket=context.stack["s3_cache_bucket"], Key=_KEY)["Body"].read()
    except s3.exceptions.NoSuchKey:
        return warn("no run has succeeded yet", "Start one.", context.ccapi("run"))
    try:
        record = json.loads(body)
        # The machine may have written the JSON as a text of JSON.
        record = json.loads(record) if isinstance(record, str) else record
        at = datetime.fromisoformat(record["at"])
        last_full = str(record["run"])
    except (ValueError, KeyError, TypeError):
        return fail(
            f"the record s3://{context.stack['s3_cache_bucket']}/{_KEY} cannot be read",
            "Delete it; the next success writes it again.",
            f"aws s3 rm s3://{context.stack['s3_cache_bucket']}/{_KEY} --region {context.stack.region}",
        )
    hours = (context.now - at).total_seconds() / 3600
    # The time is also that of a partial result that the settings accept; the name is that of a full success.
    full = f"the last full one is {last_full}" if last_full else "none was full"
    seen = f"the last success was {ago(at, context.now)} ({at:%Y-%m-%d %H:%M} UTC; {full})"
    if hours <= most:
        return ok(f"{seen}; at most {most} hours are expected")
    if not read_schedule(context.stack).is_enabled:
        return ok(f"{seen}; the schedule is paused")
    return fail(
        f"{seen}; at most {most} hours are expected",
        "See the last runs, and start one.",
        context.ccapi("runs"),
    )
