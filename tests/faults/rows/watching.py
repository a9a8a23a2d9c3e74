"""Faults of the watch: its events, its machine, and its schedule."""

from collections.abc import Callable

from tests.faults.acts import KILLED, fails, freezes, killed, stopped
from tests.faults.mechanisms import EVENT_OF_EXECUTION, EVENT_OF_TASK, HEARTBEAT, SWEEP, WATCH_FAILED
from tests.faults.row import Row, one_week
from tests.faults.rows.workers import ALWAYS, AT_SUBANG
from tests.faults.timeline import Act, Stack
from tests.protocols.process import Process


def _no_events_of_tasks(stack: Stack) -> None:
    stack.has_task_events = False
    stack.fault("monitor", AT_SUBANG, killed(KILLED))


MOST_SWEEPS = 40
"""The sweeps of ten days; a success is overdue after eight."""


def _killed_unanswered(times: int) -> Act:
    """Return an act by which a worker is killed, and the watch machine cannot fail its token at some attempts."""

    def act(stack: Stack, process: Process) -> None:
        stack.fault("watch", "FailWorker", fails("Sfn.ThrottlingException"), times=times)
        killed(KILLED)(stack, process)

    return act


def _stopped_and(of: str, request: str, error: str) -> Callable[[Stack], None]:
    def inject(stack: Stack) -> None:
        stack.fault("monitor", AT_SUBANG, stopped("ABORTED"))
        stack.fault(of, request, fails(error), times=ALWAYS)

    return inject


def _stopped_with_a_frozen_worker(stack: Stack) -> None:
    stack.fault("monitor", AT_SUBANG, freezes)
    stack.fault("weekly", "stop task", fails("Ecs.ServerException"), times=ALWAYS)


def _watched_twice(stack: Stack) -> None:
    stack.fault("monitor", AT_SUBANG, stopped("ABORTED"))


def _every_event_twice(stack: Stack) -> None:
    one_week(stack)
    for worker in stack.workers:
        stack.watch_task(worker)
    for execution in stack.weekly:
        stack.watch_end(execution)
    stack.run()


def _nothing_for_nine_days(stack: Stack) -> None:
    one_week(stack)
    stack.note()
    for _ in range(MOST_SWEEPS):
        if not any("succeeded for" in subject for subject in stack.mailbox.subjects):
            stack.sweep_now()


ROWS = (
    Row(
        name="events of tasks off",
        fault="A worker is killed, and the rule for events of tasks is switched off.",
        injected="Its process ends, and no event is sent.",
        inject=_no_events_of_tasks,
        ends="succeeded",
        detected=HEARTBEAT,
        within=600,
    ),
    Row(
        name="watch machine throttled",
        fault="A worker is killed, and Step Functions throttles the watch machine once.",
        injected="SendTaskFailure of the watch machine fails with Sfn.ThrottlingException once.",
        inject=lambda stack: stack.fault("monitor", AT_SUBANG, _killed_unanswered(1)),
        ends="succeeded",
        detected=EVENT_OF_TASK,
        within=4,
    ),
    Row(
        name="watch machine cannot fail a token",
        fault="A worker is killed, and the watch machine cannot fail its token: its heartbeat is missed.",
        injected="SendTaskFailure of the watch machine fails at each attempt.",
        inject=lambda stack: stack.fault("monitor", AT_SUBANG, _killed_unanswered(3)),
        ends="succeeded",
        detected=WATCH_FAILED,
        within=8,
    ),
    Row(
        name="reporter gone for the watch machine",
        fault="An execution is stopped, and the reporter's function does not exist any more.",
        injected="Each invocation by the watch machine fails with Lambda.ResourceNotFoundException.",
        inject=_stopped_and("watch", "reporter", "Lambda.ResourceNotFoundException"),
        ends="stopped",
        detected=EVENT_OF_EXECUTION,
        within=2,
        reported_twice=True,
    ),
    Row(
        name="stopped run cannot be described",
        fault="An execution is stopped, and Step Functions does not describe it.",
        injected="DescribeExecution of the watch machine fails at each attempt.",
        inject=_stopped_and("watch", "describe .*", "Sfn.ThrottlingException"),
        ends="stopped",
        detected=EVENT_OF_EXECUTION,
        within=2,
        reported_twice=True,
    ),
    Row(
        name="stopped run cannot be summed up",
        fault="An execution is stopped, and no worker that sums it up can be started.",
        injected="RunTask of the watch machine fails at each attempt.",
        inject=_stopped_and("watch", "run task", "ECS.ServerException"),
        ends="stopped",
        detected=EVENT_OF_EXECUTION,
        within=2,
        is_summarized=False,
    ),
    Row(
        name="tasks cannot be listed",
        fault="An execution is stopped, and ECS lists no tasks for the watch machine.",
        injected="ListTasks of the watch machine fails at each attempt.",
        inject=_stopped_and("watch", "list tasks", "Ecs.ServerException"),
        ends="stopped",
        detected=EVENT_OF_EXECUTION,
        within=2,
    ),
    Row(
        name="orphan that the run cannot stop",
        fault="A worker freezes with all its threads, and the run cannot stop it when its successor has done the work.",
        injected="The process never continues, and each StopTask of the run fails; the sweep stops it.",
        inject=_stopped_with_a_frozen_worker,
        ends="succeeded",
        detected=HEARTBEAT,
        within=600,
        orphans=1,
    ),
    Row(
        name="every event twice",
        fault="EventBridge delivers each event of a stopped run twice.",
        injected="The watch machine starts again for each task and each execution.",
        inject=_watched_twice,
        drive=_every_event_twice,
        ends="stopped",
        detected=EVENT_OF_EXECUTION,
        within=2,
    ),
    Row(
        name="schedule without starts",
        fault="No run starts any more.",
        injected="The time passes without a start.",
        inject=lambda _: None,
        drive=_nothing_for_nine_days,
        ends="succeeded",
        detected=SWEEP,
        within=712_438,
    ),
)
