"""The check of the claim that one run at a time has on the pipeline."""

import json

from cli.doctor.check import Context, Finding, fail, ok, warn
from cli.times import ago
from reporter.words import count

_KEY = "claims/active"


def check_claim(context: Context) -> Finding:
    """Find a claim that no execution can take over, and workers that outlived their execution."""
    stack = context.stack
    uri = f"s3://{stack['s3_cache_bucket']}/{_KEY}"
    s3, states = stack.client("s3"), stack.client("stepfunctions")
    try:
        body = s3.get_object(Bucket=stack["s3_cache_bucket"], Key=_KEY)["Body"].read()
    except s3.exceptions.NoSuchKey:
        return _free(context, "there is no claim")
    try:
        claim = json.loads(body)
        claim = json.loads(claim) if isinstance(claim, str) else claim
        execution, run = str(claim["execution"]), str(claim["run"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return fail(
            f"the claim {uri} cannot be read, so that every run fails",
            "Delete it while no run is running.",
            f"aws s3 rm {uri} --region {stack.region}",
        )
    try:
        found = states.describe_execution(executionArn=execution)
    except states.exceptions.ExecutionDoesNotExist:
        return _free(context, f"the claim of {run} is void: its execution is gone")
    if found["status"] == "RUNNING":
        return ok(
            f"held by the run {run}, which has been running since {ago(found['startDate'], context.now)}"
        )
    return _free(context, f"free: the last owner, {run}, has ended ({found['status']})")


def _free(context: Context, seen: str) -> Finding:
    """Return the finding about a claim that is not held, with the workers that still run."""
    stack = context.stack
    states, ecs = stack.client("stepfunctions"), stack.client("ecs")
    family = context.image.revision.rpartition(":")[0]
    pages = ecs.get_paginator("list_tasks").paginate(
        cluster=stack["ecs_cluster_arn"], family=family, desiredStatus="RUNNING"
    )
    tasks = [arn for page in pages for arn in page["taskArns"]]
    running = any(
        states.list_executions(stateMachineArn=stack[output], statusFilter="RUNNING", maxResults=1)[
            "executions"
        ]
        for output in ("step_functions_state_machine_arn", "watch_state_machine_arn")
    )
    if tasks and not running:
        return warn(
            f"{seen}; {count(len(tasks), 'worker')} still run without an execution",
            "The watch machine stops them within hours; to stop one at once, name it.",
            f"aws ecs stop-task --cluster {stack['ecs_cluster_arn']} --task {tasks[0]} --region {stack.region}",
        )
    return ok(f"{seen}; {count(len(tasks), 'worker')} running")
