"""The name of a run, as JSONata over the variables `input` and `settings`, which both machines assign."""

from components.machines.expressions import jsonata, text
from components.settings.schedule import Period

_PERIOD_PICTURES = {
    Period.WEEK: "[X0001]-W[W01]",
    Period.DAY: "[Y0001]-[M01]-[D01]",
    Period.HOUR: "[Y0001]-[M01]-[D01]T[H01]",
}

SCHEDULED_MILLISECONDS = jsonata("scheduled_time", local=jsonata("local_time"))
"""The planned time in the input on the clocks of the schedule's zone, as if they showed UTC; 0 if there is none."""


def period_picture(period: Period) -> str:
    """Return the picture of JSONata for the name of a period."""
    return _PERIOD_PICTURES[period]


def validates_only(execution_input: str) -> str:
    """Return JSONata that holds where an execution's input, which is JSONata too, asks for a validation alone.

    A value that is neither true nor false asks for one as well: the worker refuses it, and nothing is claimed before.
    """
    return f"$not([{execution_input}.validate_only, false][0] in [false, null])"


def run_name(period: Period, execution_name: str) -> str:
    """Return JSONata for a run's name: the one in its input, its period in the schedule's zone, or its execution's."""
    return jsonata(
        "run_name",
        scheduled=SCHEDULED_MILLISECONDS,
        picture=text(_PERIOD_PICTURES[period]),
        name=execution_name,
    )
