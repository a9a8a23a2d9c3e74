"""The check of the quotas that limit the workers of a run."""

from typing import Any

from cli.doctor.check import Context, Finding, fail, ok, unknown
from reporter.words import count

# Source: Service Quotas, AWS Fargate; a new account has 6 vCPU of each.
_SPOT = "Spot"
_QUOTAS = {"L-3032A538": "on-demand", "L-36FBB829": _SPOT}
_SERVICE = "fargate"
_UNITS_A_VCPU = 1024


def check_quotas(context: Context) -> Finding:
    """Find an account whose Fargate vCPU quota is lower than what the shards of one run need at once."""
    needed, shards = _needed(context)
    seen = f"a run needs {needed:g} vCPU at once ({count(shards, 'shard')})"
    if context.stack.is_local:
        return unknown(f"{seen}; the local AWS has no quotas", "Only an account can answer it.")
    quotas: Any = context.stack.client("service-quotas")
    found: dict[str, float] = {}
    used = {code: kind for code, kind in _QUOTAS.items() if kind != _SPOT or _uses_spot(context)}
    for code, kind in used.items():
        try:
            found[kind] = quotas.get_service_quota(ServiceCode=_SERVICE, QuotaCode=code)["Quota"]["Value"]
        except quotas.exceptions.NoSuchResourceException:
            # The account has no value of its own, so the default applies.
            found[kind] = quotas.get_aws_default_service_quota(ServiceCode=_SERVICE, QuotaCode=code)["Quota"][
                "Value"
            ]
    seen = f"{seen}; the quotas are " + ", ".join(f"{value:g} vCPU {kind}" for kind, value in found.items())
    low = [code for code, kind in used.items() if found[kind] < needed]
    if low:
        return fail(
            seen,
            "Request a higher quota, or write fewer ccapi:worker.shards or a higher ccapi:worker.targetMinutes.",
            f"aws service-quotas request-service-quota-increase --service-code {_SERVICE} --quota-code {low[0]} "
            f"--desired-value {needed:g} --region {context.stack.region}",
        )
    return ok(seen)


def _uses_spot(context: Context) -> bool:
    """Return true if the machine starts workers on Spot capacity."""
    machine = context.stack.client("stepfunctions").describe_state_machine(
        stateMachineArn=context.stack["step_functions_state_machine_arn"]
    )
    return "FARGATE_SPOT" in machine["definition"]


def _needed(context: Context) -> tuple[float, int]:
    """Return the vCPU that all shards of a run use at once, and the number of shards."""
    definition = context.stack.client("ecs").describe_task_definition(
        taskDefinition=context.stack["ecs_task_definition_arn"]
    )["taskDefinition"]
    shards = int(context.image.environment.get("SHARDS", "1"))
    return shards * int(definition["cpu"]) / _UNITS_A_VCPU, shards
