"""Faults of the other services: Step Functions' answers to workers, SSM, CloudWatch, SNS, and the reporter."""

from tests.faults.acts import LOST, REFUSED, REPEATED, fails, meets
from tests.faults.mechanisms import ANSWER, CALL, EVENT_OF_TASK, REPORTER, WORKER
from tests.faults.row import Row
from tests.faults.rows.workers import ALWAYS
from tests.faults.timeline import Stack


def _no_way_to_answer(stack: Stack) -> None:
    for request in ("success", "failure"):
        stack.fault("monitor", request, meets(REFUSED))


def _no_reporter_and_no_topic(stack: Stack) -> None:
    stack.fault("weekly", "reporter", fails("Lambda.ServiceException"), times=ALWAYS, detected=CALL)
    stack.fault("weekly", "PublishOutcome", fails("Sns.InternalErrorException"), times=ALWAYS)


ROWS = (
    Row(
        name="heartbeats fail for a moment",
        fault="Step Functions does not accept some heartbeats.",
        injected="Two calls of SendTaskHeartbeat fail with 503.",
        inject=lambda stack: stack.fault("monitor", "heartbeat", meets(REFUSED), times=2, after=2),
        ends="succeeded",
        detected=WORKER,
    ),
    Row(
        name="answer of a success lost",
        fault="A worker answers, and gets no answer of Step Functions: the SDK answers once more.",
        injected="SendTaskSuccess is performed twice; the second call gets TaskTimedOut.",
        inject=lambda stack: stack.fault("monitor", "success", meets(REPEATED)),
        ends="succeeded",
        detected="",
    ),
    Row(
        name="answers of a success lost",
        fault="A worker answers, and the SDK gives up without an answer.",
        injected="SendTaskSuccess is performed, and fails.",
        inject=lambda stack: stack.fault("monitor", "success", meets(LOST)),
        ends="succeeded",
        detected="",
    ),
    Row(
        name="success not accepted",
        fault="Step Functions does not accept the answer of a worker that has done everything.",
        injected="SendTaskSuccess fails with 503.",
        inject=lambda stack: stack.fault("monitor", "success", meets(REFUSED)),
        ends="succeeded",
        detected=ANSWER,
    ),
    Row(
        name="neither success nor failure accepted",
        fault="Step Functions accepts no answer of a worker at all.",
        injected="SendTaskSuccess and SendTaskFailure fail with 503.",
        inject=_no_way_to_answer,
        ends="succeeded",
        detected=EVENT_OF_TASK,
        within=2,
    ),
    Row(
        name="run settings not readable for a moment",
        fault="SSM does not answer when a run begins.",
        injected="GetParameter fails once.",
        inject=lambda stack: stack.fault(
            "weekly", "LoadSettings", fails("Ssm.InternalServerError"), detected=CALL
        ),
        ends="succeeded",
        detected=CALL,
    ),
    Row(
        name="run settings not readable",
        fault="SSM does not answer at all.",
        injected="GetParameter fails at each attempt.",
        inject=lambda stack: stack.fault(
            "weekly", "LoadSettings", fails("Ssm.InternalServerError"), times=ALWAYS, detected=CALL
        ),
        ends="failed",
        detected=CALL,
    ),
    Row(
        name="metrics not accepted",
        fault="CloudWatch accepts no metrics of the run.",
        injected="PutMetricData fails at each attempt.",
        inject=lambda stack: stack.fault(
            "weekly",
            "PublishMetrics",
            fails("CloudWatch.InternalServiceException"),
            times=ALWAYS,
            detected=CALL,
        ),
        ends="succeeded",
        detected=CALL,
    ),
    Row(
        name="reporter throttled",
        fault="Lambda throttles the reporter once.",
        injected="The invocation fails with Lambda.TooManyRequestsException.",
        inject=lambda stack: stack.fault(
            "weekly", "reporter", fails("Lambda.TooManyRequestsException"), detected=CALL
        ),
        ends="succeeded",
        detected=CALL,
    ),
    Row(
        name="reporter gone",
        fault="The reporter's function does not exist any more.",
        injected="Each invocation by a run fails with Lambda.ResourceNotFoundException.",
        inject=lambda stack: stack.fault(
            "weekly", "reporter", fails("Lambda.ResourceNotFoundException"), times=ALWAYS, detected=CALL
        ),
        ends="succeeded",
        detected=CALL,
        reported_twice=True,
    ),
    Row(
        name="e-mail not accepted",
        fault="SNS accepts no e-mail of the reporter.",
        injected="Each Publish of the reporter fails with 503.",
        inject=lambda stack: stack.fault("weekly", "mail", meets(REFUSED), times=ALWAYS, detected=CALL),
        ends="succeeded",
        reported_twice=True,
        detected=REPORTER,
    ),
    Row(
        name="answer of the e-mail lost",
        fault="SNS sends the e-mail, and the reporter gets no answer.",
        injected="Publish is performed, and fails once.",
        inject=lambda stack: stack.fault("weekly", "mail", meets(LOST), detected=CALL),
        ends="succeeded",
        reported_twice=True,
        detected=REPORTER,
    ),
    Row(
        name="reporter and topic gone",
        fault="Neither the reporter nor the topic works when a run ends.",
        injected="Each invocation and each Publish by the run fails.",
        inject=_no_reporter_and_no_topic,
        ends="succeeded",
        detected=CALL,
    ),
    Row(
        name="records of messages not writable",
        fault="S3 accepts no record of a message that was sent.",
        injected="Each write below reported/ fails with 503.",
        inject=lambda stack: stack.fault(
            "weekly", "(put|get|list) reported/.*", meets(REFUSED), times=ALWAYS, detected=CALL
        ),
        ends="succeeded",
        reported_twice=True,
        detected=REPORTER,
    ),
    Row(
        name="page of all runs not writable",
        fault="S3 accepts no history of the runs.",
        injected="Each write of the history fails with 503.",
        inject=lambda stack: stack.fault(
            "weekly", "put history.json", meets(REFUSED), times=ALWAYS, detected=CALL
        ),
        ends="succeeded",
        detected=REPORTER,
    ),
)
