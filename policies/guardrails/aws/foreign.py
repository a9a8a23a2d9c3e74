"""State machines that a plan holds in other words than those that rules read."""

import re
from collections.abc import Iterator

from guardrails.aws.types import STATE_MACHINE
from guardrails.plan import Plan, Resource
from guardrails.properties import read_partly

_OF_NATIVE = "aws-native:stepfunctions:StateMachine"
_KIND = {"aws:cloudcontrol/resource:Resource": "typeName", "aws-native:index:ExtensionResource": "type"}
"""The types that stand for any of CloudFormation's, with the property that says which."""

_TEMPLATE = "templateBody"
_STACKS = (
    "aws:cloudformation/stack:Stack",
    "aws:cloudformation/stackSet:StackSet",
    "aws-native:cloudformation:Stack",
    "aws-native:cloudformation:StackSet",
)
_MACHINE = re.compile(r"\bAWS::(StepFunctions|Serverless)::StateMachine\b")
# What a template leaves to a file that lies elsewhere.
_MORE = re.compile(r"\bAWS::(CloudFormation::Stack|Serverless::Application|Include)\b")


def unread_machines(plan: Plan) -> Iterator[tuple[Resource, str]]:
    """Return each resource that is a state machine, holds one or may do so, and that no rule reads, with what it is."""
    for resource in plan.of_type(_OF_NATIVE, *_KIND, *_STACKS):
        if what := _what(resource):
            yield resource, f"{what}; write it as {STATE_MACHINE}"


def _what(resource: Resource) -> str:
    if resource.type == _OF_NATIVE:
        return "is a state machine of another provider, which no rule reads"
    if resource.type in _KIND:
        kind = read_partly(resource, _KIND[resource.type])
        if not isinstance(kind, str):
            return f"may be a state machine, since {_KIND[resource.type]} is not known"
        return "is a state machine of Cloud Control, which no rule reads" if _MACHINE.fullmatch(kind) else ""
    template = read_partly(resource, _TEMPLATE)
    if not isinstance(template, str):
        return f"may hold a state machine, since {_TEMPLATE} holds no text that is known"
    if _MACHINE.search(template):
        return f"holds a state machine in {_TEMPLATE}, which no rule reads"
    return (
        f"may hold a state machine, since {_TEMPLATE} leaves something to other files"
        if _MORE.search(template)
        else ""
    )
