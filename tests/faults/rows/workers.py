"""Faults of workers that run."""

from collections.abc import Callable

from tests.faults.acts import (
    KILLED,
    OUT_OF_MEMORY,
    REFUSED,
    SPOT,
    freezes,
    hangs,
    hangs_for,
    interrupted,
    killed,
    killed_if,
    meets,
    raises,
)
from tests.faults.mechanisms import ANSWER, EVENT_OF_TASK, HEARTBEAT, WORKER
from tests.faults.row import Row
from tests.faults.timeline import Stack
from tests.protocols.worker import Worker

BEFORE_SUBANG = "put weekly/.*/subang.json"
AT_SUBANG = "imagery of subang"
ALWAYS = 99


def _is_on_spot(stack: Stack, worker: Worker) -> bool:
    (strategy,) = stack.calls[worker].arguments["CapacityProviderStrategy"]
    return bool(strategy["CapacityProvider"] == "FARGATE_SPOT")


def _is_small(stack: Stack, worker: Worker) -> bool:
    return int(stack.calls[worker].arguments["Overrides"]["Memory"]) < 4096


def _wakes_up(request: str, seconds: float) -> Callable[[Stack], None]:
    """Return a fault by which a worker hangs for a while, and the run cannot stop it."""

    def inject(stack: Stack) -> None:
        stack.fault("monitor", request, hangs_for(seconds))
        stack.fault("weekly", "stop task", meets(REFUSED), times=ALWAYS)

    return inject


ROWS = (
    Row(
        name="worker killed",
        fault="A worker is killed by SIGKILL between two regions.",
        injected="Its process ends before a result is written; ECS reports exit code 137.",
        inject=lambda stack: stack.fault("monitor", BEFORE_SUBANG, killed(KILLED)),
        ends="succeeded",
        detected=EVENT_OF_TASK,
        within=2,
    ),
    Row(
        name="worker killed after its last result",
        fault="A worker is killed after it has published everything, and before it answers.",
        injected="Its process ends before the call of SendTaskSuccess.",
        inject=lambda stack: stack.fault("monitor", "success", killed(KILLED)),
        ends="succeeded",
        detected=EVENT_OF_TASK,
        within=2,
    ),
    Row(
        name="worker killed at each attempt",
        fault="Every worker of a shard is killed while it works on the same region.",
        injected="The process of each attempt ends before the result of that region is written.",
        inject=lambda stack: stack.fault("monitor", BEFORE_SUBANG, killed(KILLED), times=ALWAYS),
        ends="partial",
        detected=EVENT_OF_TASK,
        within=2,
    ),
    Row(
        name="worker stopped by an operator",
        fault="An operator stops the task of a worker; the run goes on.",
        injected="SIGTERM arrives while the worker waits for imagery.",
        inject=lambda stack: stack.fault("monitor", AT_SUBANG, interrupted),
        ends="succeeded",
        detected=ANSWER,
    ),
    Row(
        name="worker exits without an answer",
        fault="The program of a worker ends with exit code 1 and has answered nothing.",
        injected="Its process ends while it works; ECS reports exit code 1.",
        inject=lambda stack: stack.fault("monitor", AT_SUBANG, killed({})),
        ends="succeeded",
        detected=EVENT_OF_TASK,
        within=2,
    ),
    Row(
        name="Spot takes the capacity back",
        fault="Spot interrupts a worker, which is killed without the time to answer.",
        injected="Its process ends; ECS reports a Spot interruption.",
        inject=lambda stack: stack.fault("monitor", BEFORE_SUBANG, killed(SPOT)),
        ends="succeeded",
        detected=EVENT_OF_TASK,
        within=2,
    ),
    Row(
        name="Spot never lasts",
        fault="Spot interrupts every worker that runs on Spot capacity.",
        injected="Each process that was started on FARGATE_SPOT ends at its second region.",
        inject=lambda stack: stack.fault("monitor", AT_SUBANG, killed_if(_is_on_spot, SPOT), times=ALWAYS),
        ends="succeeded",
        detected=EVENT_OF_TASK,
        within=2,
    ),
    Row(
        name="out of memory",
        fault="The kernel kills a worker, because a region needs more memory than the first size has.",
        injected="Each process with less than 4 GB ends at that region; ECS reports OutOfMemoryError.",
        inject=lambda stack: stack.fault(
            "monitor", AT_SUBANG, killed_if(_is_small, OUT_OF_MEMORY), times=ALWAYS
        ),
        ends="succeeded",
        detected=EVENT_OF_TASK,
        within=2,
    ),
    Row(
        name="allocation fails",
        fault="A region's allocation fails, and the worker survives it.",
        injected="The workload raises MemoryError once.",
        inject=lambda stack: stack.fault("monitor", AT_SUBANG, raises(MemoryError)),
        ends="succeeded",
        detected=WORKER,
    ),
    Row(
        name="worker hangs once",
        fault="A worker makes no progress any more, and its process stays.",
        injected="Its request for imagery never returns.",
        inject=lambda stack: stack.fault("monitor", AT_SUBANG, hangs),
        ends="succeeded",
        detected=HEARTBEAT,
        within=600,
    ),
    Row(
        name="worker freezes",
        fault="A worker freezes with all its threads, so that not even its deadline ends it; the run stops its task.",
        injected="The process never continues.",
        inject=lambda stack: stack.fault("monitor", AT_SUBANG, freezes),
        ends="succeeded",
        detected=HEARTBEAT,
        within=600,
    ),
    Row(
        name="a region always hangs",
        fault="Every attempt hangs at the same region.",
        injected="The request for the imagery of that region never returns.",
        inject=lambda stack: stack.fault("monitor", AT_SUBANG, hangs, times=ALWAYS),
        ends="partial",
        detected=HEARTBEAT,
        within=600,
    ),
    Row(
        name="the first region always hangs",
        fault="Every attempt hangs at the first region of its share.",
        injected="The request for the imagery of that region never returns.",
        inject=lambda stack: stack.fault("monitor", "imagery of brebes", hangs, times=ALWAYS),
        ends="partial",
        detected=HEARTBEAT,
        within=600,
    ),
    Row(
        name="a region fails",
        fault="The source of imagery has no answer for one region.",
        injected="The request for its imagery fails at each attempt.",
        inject=lambda stack: stack.fault("monitor", AT_SUBANG, meets(REFUSED), times=ALWAYS),
        ends="partial",
        detected=WORKER,
    ),
    Row(
        name="a region ends the program",
        fault="The code of one region raises SystemExit.",
        injected="The workload raises SystemExit at each attempt.",
        inject=lambda stack: stack.fault("monitor", AT_SUBANG, raises(SystemExit), times=ALWAYS),
        ends="partial",
        detected=WORKER,
    ),
    Row(
        name="every region fails",
        fault="The source of imagery has no answer at all.",
        injected="Each request for imagery fails.",
        inject=lambda stack: stack.fault("monitor", "imagery of .*", meets(REFUSED), times=ALWAYS),
        ends="failed",
        detected=WORKER,
    ),
    Row(
        name="worker silent, and alive",
        fault="A worker is slow and sends no heartbeat for 800 s, then publishes; its successor works beside it.",
        injected="A write hangs for longer than the heartbeat, and is performed after the successor has begun.",
        inject=lambda stack: stack.fault("monitor", BEFORE_SUBANG, hangs_for(800)),
        ends="succeeded",
        detected=HEARTBEAT,
        within=540,
    ),
    Row(
        name="worker wakes up after its successor",
        fault="A worker that was counted as lost goes on when its successor has done the work.",
        injected="Its request for imagery returns while the reduce step runs.",
        inject=_wakes_up(AT_SUBANG, 770),
        ends="succeeded",
        detected=HEARTBEAT,
        within=600,
    ),
    Row(
        name="worker wakes up with regions left",
        fault="A worker that was counted as lost goes on with its first region when its successor has done them all.",
        injected="Its request for imagery returns after 1,000 s, and the run cannot stop its task.",
        inject=_wakes_up("imagery of brebes", 1000),
        ends="succeeded",
        detected=HEARTBEAT,
        within=600,
    ),
    Row(
        name="validation killed",
        fault="The worker that validates is killed.",
        injected="Its process ends before the plan is written.",
        inject=lambda stack: stack.fault("validate", "put runs/.*/plan.json", killed(KILLED)),
        ends="succeeded",
        detected=EVENT_OF_TASK,
        within=2,
    ),
    Row(
        name="validation killed after the plan",
        fault="The worker that validates is killed when the plan is written.",
        injected="Its process ends before the call of SendTaskSuccess.",
        inject=lambda stack: stack.fault("validate", "success", killed(KILLED)),
        ends="succeeded",
        detected=EVENT_OF_TASK,
        within=2,
    ),
    Row(
        name="reduce step killed",
        fault="The worker that sums up is killed.",
        injected="Its process ends before the summary is written.",
        inject=lambda stack: stack.fault("summarize", "put .*/summary.json", killed(KILLED)),
        ends="succeeded",
        detected=EVENT_OF_TASK,
        within=2,
    ),
    Row(
        name="reduce step killed at each attempt",
        fault="Every worker that sums up is killed.",
        injected="The process of each attempt ends before the summary is written.",
        inject=lambda stack: stack.fault("summarize", "put .*/summary.json", killed(KILLED), times=ALWAYS),
        ends="succeeded",
        detected=EVENT_OF_TASK,
        within=2,
        is_summarized=False,
    ),
    Row(
        name="reduce step hangs",
        fault="The worker that sums up hangs.",
        injected="Its list of the results never returns.",
        inject=lambda stack: stack.fault("summarize", "list weekly/.*", hangs),
        ends="succeeded",
        detected=HEARTBEAT,
        within=180,
    ),
)
