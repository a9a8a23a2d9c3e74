"""The check of the alarms' states."""

from collections import Counter

from cli.doctor.check import Context, Finding, fail, ok, warn
from reporter.words import count


def check_alarms(context: Context) -> Finding:
    """Find alarms that have gone off, that notify nothing, or that are missing."""
    prefix, suffix = context.names.alarm_affixes
    pages = (
        context.stack.client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmNamePrefix=prefix)
    )
    found = [alarm for page in pages for alarm in page["MetricAlarms"] if alarm["AlarmName"].endswith(suffix)]
    if not found:
        return fail("0 alarms: no fault is noticed", "Deploy the stack again.", context.up)
    states = Counter(alarm["StateValue"] for alarm in found)
    seen = f"{count(len(found), 'alarm')}: " + ", ".join(
        f"{count} {state}" for state, count in sorted(states.items())
    )
    ringing = [alarm for alarm in found if alarm["StateValue"] == "ALARM"]
    if ringing:
        texts = "; ".join(
            f"{alarm['AlarmName']}: {alarm.get('AlarmDescription') or alarm.get('StateReason', '')}"
            for alarm in ringing
        )
        return fail(
            f"{seen}; {texts}",
            "See the last changes of the alarm.",
            f"aws cloudwatch describe-alarm-history --alarm-name {ringing[0]['AlarmName']} --max-items 5 "
            f"--region {context.stack.region}",
        )
    silent = [
        alarm["AlarmName"] for alarm in found if not alarm["ActionsEnabled"] or not alarm["AlarmActions"]
    ]
    if silent:
        return warn(
            f"{seen}; these notify nothing: {', '.join(silent)}", "Deploy the stack again.", context.up
        )
    return ok(seen)
