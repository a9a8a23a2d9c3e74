"""The checks of what a run executes on: the state machines and the cluster."""

from cli.doctor.check import Context, Finding, fail, ok
from reporter.words import count

_MACHINES = ("step_functions_state_machine_arn", "watch_state_machine_arn")
_PROVIDERS = frozenset({"FARGATE", "FARGATE_SPOT"})
_LINKED_ROLE = "AWSServiceRoleForECS"


def check_machines(context: Context) -> Finding:
    """Find state machines that are missing or not active."""
    states = context.stack.client("stepfunctions")
    faults = []
    for output in _MACHINES:
        arn = context.stack[output]
        name = arn.rpartition(":")[2]
        try:
            status = states.describe_state_machine(stateMachineArn=arn).get("status", "ACTIVE")
        except states.exceptions.StateMachineDoesNotExist:
            status = "missing"
        if status != "ACTIVE":
            faults.append(f"{name} is {status}")
    seen = count(len(_MACHINES), "state machine")
    if faults:
        return fail(f"{seen}: {', '.join(faults)}", "Deploy the stack again.", context.up)
    return ok(f"{seen}, active")


def check_cluster(context: Context) -> Finding:
    """Find a cluster that is missing, cannot use Fargate or Spot, or an account without the service role of ECS."""
    ecs, arn = context.stack.client("ecs"), context.stack["ecs_cluster_arn"]
    found = ecs.describe_clusters(clusters=[arn])["clusters"]
    name = arn.rpartition("/")[2]
    if not found or found[0]["status"] != "ACTIVE":
        return fail(f"the cluster {name} is not active", "Deploy the stack again.", context.up)
    missing = _PROVIDERS - set(found[0].get("capacityProviders", []))
    if missing:
        return fail(
            f"the cluster {name} lacks the capacity providers {', '.join(sorted(missing))}",
            "Deploy the stack again; an adopted cluster gets them from its owner.",
            f"aws ecs put-cluster-capacity-providers --cluster {name} --capacity-providers FARGATE FARGATE_SPOT "
            f"--default-capacity-provider-strategy [] --region {context.stack.region}",
        )
    seen = f"the cluster {name} is active, with {count(len(_PROVIDERS), 'capacity provider')}"
    if context.stack.is_local:
        return ok(seen)
    iam = context.stack.client("iam")
    try:
        iam.get_role(RoleName=_LINKED_ROLE)
    except iam.exceptions.NoSuchEntityException:
        return fail(
            f"{seen}; the account has no role {_LINKED_ROLE}, without which a first worker may not start",
            "Create it once for the account.",
            "aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com",
        )
    return ok(f"{seen}; the account has the role {_LINKED_ROLE}")
