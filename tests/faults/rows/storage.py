"""Faults of S3."""

from tests.faults.acts import (
    LOST,
    REPEATED,
    denied,
    deny,
    fails,
    hangs_for,
    meets,
    overloaded,
)
from tests.faults.mechanisms import ANSWER, CALL, WORKER
from tests.faults.row import Row
from tests.faults.rows.workers import ALWAYS, BEFORE_SUBANG

S3_DENIES = fails("S3.S3Exception", "Access Denied (Service: S3, Status Code: 403, Request ID: 1)")
S3_IS_BUSY = fails("S3.S3Exception", "Please reduce your request rate. (Service: S3, Status Code: 503)")

ROWS = (
    Row(
        name="S3 slow",
        fault="S3 needs five minutes for a write.",
        injected="The write of a result is answered after 300 s.",
        inject=lambda stack: stack.fault("monitor", BEFORE_SUBANG, hangs_for(300)),
        ends="succeeded",
        detected="",
    ),
    Row(
        name="S3 overloaded at a result",
        fault="S3 answers the write of a result with 503 until the SDK gives up.",
        injected="The request fails with SlowDown.",
        inject=lambda stack: stack.fault("monitor", BEFORE_SUBANG, overloaded),
        ends="succeeded",
        detected=ANSWER,
    ),
    Row(
        name="S3 overloaded for all of the work",
        fault="S3 answers every write of results with 503.",
        injected="Each request fails with SlowDown.",
        inject=lambda stack: stack.fault("monitor", "put weekly/.*", overloaded, times=ALWAYS),
        ends="failed",
        detected=ANSWER,
    ),
    Row(
        name="answer of a result's write lost",
        fault="A result is written, its answer is lost, and the SDK writes it once more.",
        injected="The request is performed twice.",
        inject=lambda stack: stack.fault("monitor", BEFORE_SUBANG, meets(REPEATED)),
        ends="succeeded",
        detected="",
    ),
    Row(
        name="answers of a result's write lost",
        fault="A result is written, and the SDK gives up without an answer.",
        injected="The request is performed, and fails.",
        inject=lambda stack: stack.fault("monitor", BEFORE_SUBANG, meets(LOST)),
        ends="succeeded",
        detected=ANSWER,
    ),
    Row(
        name="one object denied",
        fault="A policy denies the write of one region's objects.",
        injected="The requests for the region's objects fail with AccessDenied.",
        inject=lambda stack: stack.fault("monitor", "put weekly/[^/]*/subang.*", denied, times=ALWAYS),
        ends="partial",
        detected=WORKER,
    ),
    Row(
        name="bucket of reports denied in mid-run",
        fault="The worker's role loses its permission for the reports while it works.",
        injected="Each write and list of that bucket by a worker of a shard fails with AccessDenied.",
        inject=lambda stack: stack.fault(
            "monitor", "(put|list|delete) weekly/.*", denied, times=ALWAYS, after=2
        ),
        ends="partial",
        detected=ANSWER,
    ),
    Row(
        name="bucket of reports denied before the work",
        fault="The worker's role has no permission for the reports.",
        injected="Each request of validation for that bucket fails with AccessDenied.",
        inject=lambda stack: deny(stack, "weekly/.*"),
        ends="failed",
        detected=ANSWER,
    ),
    Row(
        name="answer of the plan's write lost",
        fault="The plan is written, and its answer is lost.",
        injected="The request is performed twice; the second one finds a plan.",
        inject=lambda stack: stack.fault("validate", "put runs/.*/plan.json", meets(REPEATED)),
        ends="succeeded",
        detected="",
    ),
    Row(
        name="plan unreadable for a moment",
        fault="S3 does not answer a worker that reads the plan.",
        injected="The request fails with SlowDown.",
        inject=lambda stack: stack.fault("monitor", "get runs/.*/plan.json", overloaded),
        ends="succeeded",
        detected=ANSWER,
    ),
    Row(
        name="journal not writable",
        fault="S3 denies the write of a worker's journal.",
        injected="Each of these requests fails with AccessDenied.",
        inject=lambda stack: stack.fault("monitor", "put runs/.*/shards/.*", denied, times=ALWAYS),
        ends="succeeded",
        detected=WORKER,
    ),
    Row(
        name="results not listable for the reduce step",
        fault="S3 is overloaded when the results are summed up.",
        injected="The list fails with SlowDown once.",
        inject=lambda stack: stack.fault("summarize", "list weekly/.*", overloaded),
        ends="succeeded",
        detected=ANSWER,
    ),
    Row(
        name="answer of the summary's write lost",
        fault="The summary is written, its answer is lost, and the SDK writes it once more.",
        injected="The request is performed twice.",
        inject=lambda stack: stack.fault("summarize", "put .*/summary.json", meets(REPEATED)),
        ends="succeeded",
        detected="",
    ),
    Row(
        name="answer of the claim's write lost",
        fault="The claim of the pipeline is written, and Step Functions gets no answer.",
        injected="The call of PutObject is performed and times out.",
        inject=lambda stack: stack.fault("weekly", "put claims/active", meets(LOST), detected=CALL),
        ends="succeeded",
        detected=CALL,
    ),
    Row(
        name="claim not written for a moment",
        fault="S3 is overloaded when a run claims its week.",
        injected="The call of PutObject fails with status 503 twice.",
        inject=lambda stack: stack.fault("weekly", "put claims/runs/.*", S3_IS_BUSY, times=2, detected=CALL),
        ends="succeeded",
        detected=CALL,
    ),
    Row(
        name="claim denied",
        fault="The role of the machine may not write claims.",
        injected="Each call of PutObject for a claim fails with status 403.",
        inject=lambda stack: stack.fault("weekly", "put claims/.*", S3_DENIES, times=ALWAYS, detected=CALL),
        ends="failed",
        detected=CALL,
    ),
    Row(
        name="record of the last success not written",
        fault="S3 denies the record of the last success.",
        injected="The call of PutObject for it fails with status 403.",
        inject=lambda stack: stack.fault(
            "weekly", "put state/last-success.json", S3_DENIES, times=ALWAYS, detected=CALL
        ),
        ends="succeeded",
        detected=CALL,
    ),
    Row(
        name="record of the last success not read",
        fault="S3 denies the record of the last success.",
        injected="Each call of GetObject for it by a run fails with status 403.",
        inject=lambda stack: stack.fault(
            "weekly", "get state/last-success.json", S3_DENIES, times=ALWAYS, detected=CALL
        ),
        ends="succeeded",
        detected=CALL,
    ),
)
