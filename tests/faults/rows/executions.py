"""Executions that are ended from outside, meet another one, or find its claim."""

import json
from collections.abc import Callable

from tests.components.machines.walk import arn_of
from tests.faults.acts import KILLED, after, hangs_for, killed, spoil, stopped
from tests.faults.mechanisms import CLAIM, EVENT_OF_EXECUTION, EVENT_OF_TASK, SWEEP
from tests.faults.row import NEXT_WEEK, WEEK, Row, one_week
from tests.faults.rows.workers import AT_SUBANG
from tests.faults.timeline import Stack
from tests.protocols.process import Process

_BEATS_BEFORE_THE_WRITES = 8


def _twice(stack: Stack) -> None:
    stack.start(WEEK)
    stack.note()
    stack.start(WEEK)
    stack.run()


def _again(stack: Stack) -> None:
    one_week(stack)
    stack.note()
    one_week(stack)


def _redone(stack: Stack) -> None:
    one_week(stack)
    stack.mend()
    stack.note()
    stack.redo(WEEK)
    stack.redo(WEEK)
    stack.run()


def _claimed_by_the_forgotten(stack: Stack) -> None:
    body = json.dumps({"execution": arn_of("forgotten"), "run": "2026-W01"}).encode()
    spoil(stack, "claims/active", body)


def _late_at(request: str, after: int = 0) -> Callable[[Stack], None]:
    """Return a course in which a reduce step stands still at a request while a redo does the rest."""

    def freeze(stack: Stack, process: Process) -> None:
        stack.freeze(process, 800)
        stack.later(200, lambda: stack.redo(WEEK))

    def inject(stack: Stack) -> None:
        stack.fault("monitor", AT_SUBANG, stopped("ABORTED"))
        stack.fault("summarize", request, freeze, after=after)

    return inject


def _stopped_without_an_event(stack: Stack) -> None:
    stack.has_end_events = False
    stack.fault("monitor", AT_SUBANG, stopped("ABORTED"))


def _redriven(stack: Stack) -> None:
    one_week(stack)
    stack.redrive(stack.weekly[0])
    stack.run()


def _redriven_beside_another(stack: Stack) -> None:
    one_week(stack)
    stack.fault("monitor", "imagery of tegal", after(lambda stack: stack.redrive(stack.weekly[0])))
    one_week(stack)


def _two_after_a_death(stack: Stack) -> None:
    first = stack.start(WEEK)
    while not stack.waiting:
        first.process.go_on()
    stack.end(first, "ABORTED")
    stack.note()
    # The first of the two finds the claim taken, and its second write, which takes it over, arrives late.
    stack.fault("weekly", "put claims/active", hangs_for(5), after=1)
    stack.start(WEEK)
    stack.start(WEEK)
    stack.run()


ROWS = (
    Row(
        name="execution stopped",
        fault="An operator stops the execution while a worker works.",
        injected="The execution ends as ABORTED.",
        inject=lambda stack: stack.fault("monitor", AT_SUBANG, stopped("ABORTED")),
        ends="stopped",
        detected=EVENT_OF_EXECUTION,
        within=2,
    ),
    Row(
        name="execution timed out",
        fault="The execution reaches its timeout while a worker works.",
        injected="The execution ends as TIMED_OUT.",
        inject=lambda stack: stack.fault("monitor", AT_SUBANG, stopped("TIMED_OUT")),
        ends="timed out",
        detected=EVENT_OF_EXECUTION,
        within=2,
    ),
    Row(
        name="execution failed by an error that no state catches",
        fault="Step Functions ends the execution, e.g. since its history is full.",
        injected="The execution ends as FAILED while a worker works, with no state that reports it.",
        inject=lambda stack: stack.fault("monitor", AT_SUBANG, stopped("FAILED")),
        ends="failed",
        detected=EVENT_OF_EXECUTION,
        within=2,
    ),
    Row(
        name="execution stopped before the plan",
        fault="An operator stops the execution while it is validated.",
        injected="The execution ends as ABORTED before the plan is written.",
        inject=lambda stack: stack.fault("validate", "put runs/.*/plan.json", stopped("ABORTED")),
        ends="stopped",
        detected=EVENT_OF_EXECUTION,
        within=2,
    ),
    Row(
        name="execution stopped while it is summed up",
        fault="An operator stops the execution when all regions are done.",
        injected="The execution ends as ABORTED before the summary is written.",
        inject=lambda stack: stack.fault("summarize", "put .*/summary.json", stopped("ABORTED")),
        ends="stopped",
        detected=EVENT_OF_EXECUTION,
        within=2,
    ),
    Row(
        name="late page of a stopped run",
        fault="An execution is stopped; the worker that sums it up freezes before it writes the page, and goes on when"
        " a redo has done the rest.",
        injected="The write of index.html is performed 800 s later, and the redo begins after 200 s.",
        inject=_late_at("put .*/index.html"),
        ends="succeeded",
        detected=EVENT_OF_EXECUTION,
        within=2,
    ),
    Row(
        name="late summary of a stopped run",
        fault="An execution is stopped; the worker that sums it up freezes before it writes the summary, and goes on"
        " when a redo has done the rest.",
        injected="The write of summary.json is performed 800 s later, and the redo begins after 200 s.",
        inject=_late_at("put .*/summary.json"),
        ends="succeeded",
        detected=EVENT_OF_EXECUTION,
        within=2,
    ),
    Row(
        name="late reduce step of a stopped run",
        fault="An execution is stopped; the worker that sums it up freezes when it has read the results, and goes on"
        " when a redo has done the rest.",
        injected="Its last heartbeat before its first write is sent 800 s later, and the redo begins after 200 s.",
        inject=_late_at("heartbeat", after=_BEATS_BEFORE_THE_WRITES),
        ends="succeeded",
        detected=EVENT_OF_EXECUTION,
        within=2,
    ),
    Row(
        name="execution stopped while it reports",
        fault="An operator stops the execution while the reporter sends its message.",
        injected="The execution ends as ABORTED after the e-mail is sent.",
        inject=lambda stack: stack.fault("weekly", "put reported/.*/handled", stopped("ABORTED")),
        ends="stopped",
        detected=EVENT_OF_EXECUTION,
        within=2,
        reported_twice=True,
    ),
    Row(
        name="execution redriven",
        fault="An operator stops an execution and redrives it.",
        injected="The execution ends as ABORTED while a worker works, and later continues at the same state.",
        inject=lambda stack: stack.fault("monitor", AT_SUBANG, stopped("ABORTED")),
        drive=_redriven,
        ends="succeeded",
        detected=EVENT_OF_EXECUTION,
        within=2,
        reported_twice=True,
    ),
    Row(
        name="execution redriven beside its successor",
        fault="An operator redrives an execution whose run another execution has taken over and still does.",
        injected="The first execution ends as ABORTED, and continues while a worker of the second one works.",
        inject=lambda stack: stack.fault("monitor", AT_SUBANG, stopped("ABORTED")),
        drive=_redriven_beside_another,
        ends="succeeded",
        detected=EVENT_OF_EXECUTION,
        within=2,
        # A redrive passes no claim, so both work; the conditional writes keep every result.
        allows=("works, and claims/active is not its", "at work at the same time"),
        reported_twice=True,
    ),
    Row(
        name="event of the end lost",
        fault="An operator stops the execution, and EventBridge loses the event.",
        injected="The execution ends as ABORTED, and no event is sent.",
        inject=_stopped_without_an_event,
        ends="stopped",
        detected=SWEEP,
        within=21_450,
    ),
    Row(
        name="start delivered twice at once",
        fault="EventBridge Scheduler delivers the start of a week twice.",
        injected="Two executions with the same scheduled time begin at the same moment.",
        inject=lambda _: None,
        drive=_twice,
        ends="skipped",
        detected=CLAIM,
    ),
    Row(
        name="start delivered again after a success",
        fault="EventBridge Scheduler delivers a start again when the run is done.",
        injected="A second execution with the same scheduled time begins after the first.",
        inject=lambda _: None,
        drive=_again,
        ends="skipped",
        detected=CLAIM,
    ),
    Row(
        name="start delivered again after a stop",
        fault="The execution of a week was stopped, and its start is delivered again.",
        injected="A second execution with the same scheduled time begins after the first was ABORTED.",
        inject=lambda stack: stack.fault("monitor", AT_SUBANG, stopped("ABORTED")),
        drive=_again,
        ends="succeeded",
        detected=EVENT_OF_EXECUTION,
        within=2,
    ),
    Row(
        name="start while another week is running",
        fault="The run of a week still works when the next one is due.",
        injected="An execution of the next week begins while a worker of the first works.",
        inject=lambda stack: stack.fault("monitor", AT_SUBANG, after(lambda stack: stack.start(NEXT_WEEK))),
        ends="skipped",
        detected=CLAIM,
    ),
    Row(
        name="claim left by an execution that ended",
        fault="The execution that holds both claims has ended, and nothing releases claims.",
        injected="The first execution is stopped before its plan; another start of the week takes the claims over.",
        inject=lambda stack: stack.fault("validate", "heartbeat", stopped("ABORTED")),
        drive=_again,
        ends="succeeded",
        detected=EVENT_OF_EXECUTION,
        within=2,
    ),
    Row(
        name="claim of a forgotten execution",
        fault="The claim names an execution that Step Functions has forgotten.",
        injected="The claim of the pipeline names an ARN that does not exist.",
        inject=_claimed_by_the_forgotten,
        ends="succeeded",
        detected=CLAIM,
    ),
    Row(
        name="claim taken over by two at once",
        fault="Two starts find the claim of an execution that ended.",
        injected="Two executions with the same scheduled time begin after the first was stopped; the write by which"
        " one takes the claim over arrives after that of the other.",
        inject=lambda _: None,
        drive=_two_after_a_death,
        ends="succeeded",
        detected=CLAIM,
    ),
    Row(
        name="two redos at once",
        fault="Two operators do the same partial run again at the same moment.",
        injected="Two executions that name the run begin together.",
        inject=lambda stack: stack.fault("monitor", AT_SUBANG, killed(KILLED), times=2),
        drive=_redone,
        ends="skipped",
        detected=EVENT_OF_TASK,
        within=2,
    ),
    Row(
        name="redo while the run still works",
        fault="An operator does a run again that has not ended.",
        injected="An execution that names the run begins while a worker works.",
        inject=lambda stack: stack.fault("monitor", AT_SUBANG, after(lambda stack: stack.redo(WEEK))),
        ends="skipped",
        detected=CLAIM,
    ),
)
