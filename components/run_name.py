"""What a run is named after, as JSONata over the variables `input` and `settings`, which both machines assign."""

from components.settings.schedule import Period

# How JSONata writes the period that a run is named after.
_PERIOD_PICTURES = {
    Period.WEEK: "[X0001]-W[W01]",
    Period.DAY: "[Y0001]-[M01]-[D01]",
    Period.HOUR: "[Y0001]-[M01]-[D01]T[H01]",
}

_RUN_ID = "[A-Za-z0-9][A-Za-z0-9._-]{0,127}"
# Only days that there are, of this century, and offsets that a zone has: of others the functions of time make an error,
# which nobody would catch. They name no run, and validation refuses what is no time.
_DAY = (
    r"(20\d\d-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])|20\d\d-(0[13-9]|1[0-2])-(29|30)|20\d\d-(0[13578]|1[02])-31"
    r"|20([02468][048]|[13579][26])-02-29)"
)
_OFFSET = r"(Z|[+-](0\d|1[0-4]):[0-5]\d)"
_TIMESTAMP = rf"{_DAY}T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{{1,9}})?{_OFFSET}"


def _matches(value: str, pattern: str) -> str:
    return f"($type({value}) = 'string' and $contains({value}, /^{pattern}$/))"


IS_SCHEDULED = _matches("$input.scheduled_time", _TIMESTAMP)


def _local(milliseconds: str) -> str:
    return (
        f"($at := {milliseconds};"
        " $at + [0, $settings.utcOffsets[$toMillis(since) <= $at].minutes][-1] * 60000)"
    )


LOCAL_MILLISECONDS = _local("$toMillis($input.scheduled_time)")
"""The planned time on the clocks of the schedule's zone, as if they showed UTC."""


def period_name(period: Period, milliseconds: str) -> str:
    """Return JSONata for the name of the period in the schedule's zone at a time, which is JSONata too."""
    return f"$fromMillis({_local(milliseconds)}, '{_PERIOD_PICTURES[period]}')"


def validates_only(execution_input: str) -> str:
    """Return JSONata that holds where an execution's input, which is JSONata too, asks for a validation alone.

    A value that is neither true nor false asks for one as well: the worker refuses it, and nothing is claimed before.
    """
    return (
        f"($only := {execution_input}.validate_only;"
        " $exists($only) and $not($only = false) and $not($only = null))"
    )


def run_name(period: Period, execution_name: str) -> str:
    """Return JSONata for a run's name: the one in its input, its period in the schedule's zone, or its execution's."""
    return (
        f"{_matches('$input.run_id', _RUN_ID)} ? $input.run_id"
        f" : {IS_SCHEDULED} ? {period_name(period, '$toMillis($input.scheduled_time)')}"
        f" : {execution_name}"
    )
