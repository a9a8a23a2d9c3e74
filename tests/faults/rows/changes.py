"""Deployments in mid-run, and clocks that jump."""

from datetime import timedelta

from tests.faults.acts import KILLED, killed
from tests.faults.mechanisms import EVENT_OF_TASK
from tests.faults.row import WEEK, Row
from tests.faults.rows.workers import AT_SUBANG, BEFORE_SUBANG
from tests.faults.timeline import Act, Stack
from tests.protocols.process import Process


def _deployed_and_killed(stack: Stack, process: Process) -> None:
    stack.revision = 1
    killed(KILLED)(stack, process)


def _clock_jumps(days: float) -> Act:
    """Return an act by which every clock jumps while the worker is killed."""

    def act(stack: Stack, process: Process) -> None:
        stack.skew += timedelta(days=days)
        killed(KILLED)(stack, process)

    return act


def _late(stack: Stack) -> None:
    stack.skew = timedelta(hours=20)
    stack.note()
    stack.start(WEEK)
    stack.run()


ROWS = (
    Row(
        name="deployment in mid-run",
        fault="Another image is deployed while a run works, and a worker is killed.",
        injected="The run settings name another revision when the next attempt begins.",
        inject=lambda stack: stack.fault("monitor", AT_SUBANG, _deployed_and_killed),
        ends="succeeded",
        detected=EVENT_OF_TASK,
        within=2,
    ),
    Row(
        name="clocks a day ahead",
        fault="The clocks jump a day ahead in mid-run, and a worker is killed.",
        injected="Machines, workers and the reporter read the later time.",
        inject=lambda stack: stack.fault("monitor", BEFORE_SUBANG, _clock_jumps(1)),
        ends="succeeded",
        detected=EVENT_OF_TASK,
        within=2,
    ),
    Row(
        name="clocks a day behind",
        fault="The clocks jump a day back in mid-run, and a worker is killed.",
        injected="Machines, workers and the reporter read the earlier time.",
        inject=lambda stack: stack.fault("monitor", BEFORE_SUBANG, _clock_jumps(-1)),
        ends="succeeded",
        detected=EVENT_OF_TASK,
        within=2,
    ),
    Row(
        name="start delivered late",
        fault="The start of a week is delivered 20 hours late.",
        injected="The execution begins 20 hours after the time that its input names.",
        inject=lambda _: None,
        drive=_late,
        ends="succeeded",
        detected="",
    ),
)
