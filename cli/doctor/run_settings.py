"""The run settings: the parameter that a run reads first."""

import json
from dataclasses import dataclass
from typing import Any

from cli.doctor.check import Context, Finding, fail, ok
from reporter.words import count


@dataclass(frozen=True)
class RunSettings:
    """The values with which the next run starts its workers."""

    cluster: str
    task_definition: str
    subnets: list[str]
    security_groups: list[str]
    has_public_ip: bool


def run_settings(context: Context) -> RunSettings:
    """Return the run settings of the stack."""
    found = context.stack.client("ssm").get_parameter(Name=context.stack["run_settings_parameter"])
    value: dict[str, Any] = json.loads(found["Parameter"]["Value"])
    return RunSettings(
        value["cluster"],
        value["taskDefinition"],
        value["subnets"],
        value["securityGroups"],
        value["assignPublicIp"] == "ENABLED",
    )


def check_run_settings(context: Context) -> Finding:
    """Find run settings that are missing, or name a task definition that is not active."""
    ssm, ecs = context.stack.client("ssm"), context.stack.client("ecs")
    name = context.stack["run_settings_parameter"]
    try:
        settings = run_settings(context)
    except ssm.exceptions.ParameterNotFound:
        return fail(
            f"the parameter {name} does not exist: every run fails", "Deploy the stack again.", context.up
        )
    except (ValueError, KeyError, TypeError):
        return fail(
            f"the parameter {name} is damaged: every run fails", "Deploy the stack again.", context.up
        )
    definition = ecs.describe_task_definition(taskDefinition=settings.task_definition)["taskDefinition"]
    revision = definition["taskDefinitionArn"].rpartition("/")[2]
    if definition["status"] != "ACTIVE":
        return fail(
            f"the next run uses {revision}, which is {definition['status']}: no worker starts",
            "Deploy the stack again, which registers a revision.",
            context.up,
        )
    return ok(f"{name} names the active revision {revision} and {count(len(settings.subnets), 'subnet')}")
