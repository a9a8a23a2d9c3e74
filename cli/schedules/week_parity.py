"""The weeks in which scheduled starts run, as the deployed state machine decides it in its state `CheckWeek`."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

from cli.errors import OperatorError

_STATE = "CheckWeek"
# components/machines/weekly/machine.py writes it; a test reads what that module writes.
_CONDITION = re.compile(r"\$floor\(\(\$scheduled - (?P<anchor>\d+)\) / 604800000\) % (?P<weeks>\d+) != 0")


@dataclass(frozen=True)
class WeekParity:
    """The number of weeks from one run to the next, and the Monday of a week with a run."""

    every_weeks: int
    anchor: date | None = None


def week_parity(definition: str) -> WeekParity:
    """Return the weeks in which a machine runs, from its definition; a machine without the state runs in each.

    Raises:
        OperatorError: if the machine decides it in another way.
    """
    state = json.loads(definition)["States"].get(_STATE)
    if state is None:
        return WeekParity(1)
    found = _CONDITION.search(json.dumps(state))
    if found is None:
        raise OperatorError(
            f"the state {_STATE} of the deployed machine decides the weeks in a way that this version cannot read",
            "use the version of ccapi that deployed the stack",
        )
    anchor = datetime.fromtimestamp(int(found["anchor"]) / 1000, UTC).date()
    return WeekParity(int(found["weeks"]), anchor)
