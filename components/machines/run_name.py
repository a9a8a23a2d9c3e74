"""The name of a run, as JSONata over the variables `input` and `settings`, which both machines assign."""

from components.machines.expressions import jsonata, text
from components.settings.schedule import Period

_PERIOD_PICTURES = {
    Period.WEEK: "[X0001]-W[W01]",
    Period.DAY: "[Y0001]-[M01]-[D01]",
    Period.HOUR: "[Y0001]-[M01]-[D01]T[H01]",
}

SCHEDULED_MILLISECONDS = jsonata("scheduled_time", local=jsonata("local_time"))
"""JSONata for the planned time in the input, on the clocks of the schedule's zone as if they showed UTC; 0 if none."""


def period_picture(period: Period) -> str:
    """Return the JSONata picture string for the name of a period."""
    return _PERIOD_PICTURES[period]


def validates_only(execution_input: str) -> str:
    """Return JSONata that is true if the input, `execution_input`, a JSONata expression, requests validation only.

    A value that is not a boolean also counts as true: the worker rejects it, and nothing has been claimed by
    then.
    """
    return f"$not([{execution_input}.validate_only, false][0] in [false, null])"


def run_name(period: Period, execution_name: str, scheduled: str = SCHEDULED_MILLISECONDS) -> str:
    """Return JSONata for a run's name: from its input, its period in the schedule's zone, or its execution's name."""
    return jsonata(
        "run_name",
        scheduled=scheduled,
        picture=text(_PERIOD_PICTURES[period]),
        name=execution_name,
    )
