"""State machines in a plan that no rule reads: of other providers, and in CloudFormation templates."""

import re
from collections.abc import Iterator

from guardrails.aws.types import STATE_MACHINE
from guardrails.plan import Plan, Resource
from guardrails.properties import read_partly

_OF_NATIVE = "aws-native:stepfunctions:StateMachine"
_KIND = {"aws:cloudcontrol/resource:Resource": "typeName", "aws-native:index:ExtensionResource": "type"}
"""The generic types that can be any CloudFormation type, with the property that holds that type."""

_TEMPLATE = "templateBody"
_STACKS = (
    "aws:cloudformation/stack:Stack",
    "aws:cloudformation/stackSet:StackSet",
    "aws-native:cloudformation:Stack",
    "aws-native:cloudformation:StackSet",
)
_MACHINE = re.compile(r"\bAWS::(StepFunctions|Serverless)::StateMachine\b")
# The parts of a template that are in another file.
_MORE = re.compile(r"\bAWS::(CloudFormation::Stack|Serverless::Application|Include)\b")


def unread_machines(plan: Plan) -> Iterator[tuple[Resource, str]]:
    """Yield each resource that is, contains or may contain a state machine that no rule reads, with a description."""
    for resource in plan.of_type(_OF_NATIVE, *_KIND, *_STACKS):
        if description := _description(resource):
            yield resource, f"{description}; write it as {STATE_MACHINE}"


def _description(resource: Resource) -> str:
    if resource.type == _OF_NATIVE:
        return "is a state machine of another provider, which no rule reads"
    if resource.type in _KIND:
        kind = read_partly(resource, _KIND[resource.type])
        if not isinstance(kind, str):
            return f"may be a state machine, since {_KIND[resource.type]} is not known"
        return "is a state machine of Cloud Control, which no rule reads" if _MACHINE.fullmatch(kind) else ""
    template = read_partly(resource, _TEMPLATE)
    if not isinstance(template, str):
        return f"may contain a state machine, since {_TEMPLATE} is not a known text"
    if _MACHINE.search(template):
        return f"contains a state machine in {_TEMPLATE}, which no rule reads"
    return (
        f"may contain a state machine, since {_TEMPLATE} includes other files"
        if _MORE.search(template)
        else ""
    )
