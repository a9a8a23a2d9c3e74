"""The IAM actions that a state machine's role needs for the calls that the machine makes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from guardrails.aws.deliveries import keys_of
from guardrails.aws.integrations import PASSING_ON, RUN_TASK, TABLE, Integration, integration_of
from guardrails.aws.machines import State, definition_of, machine_definition, states_of
from guardrails.aws.provider import partition_of, region_of
from guardrails.aws.references import resources_meant_by
from guardrails.aws.resource_arns import arn_of, located, only_arn
from guardrails.aws.task_arguments import argument, only_text
from guardrails.aws.types import KEY, QUEUE, ROLE, TASK_DEFINITION, TOPIC
from guardrails.plan import Plan, Resource
from guardrails.properties import UnknownPropertyError, is_set, read, read_text
from guardrails.rule import Subject
from guardrails.time.fields import is_distributed

_ENCRYPTED = {"sns:Publish": (TOPIC, "TopicArn"), "sqs:SendMessage": (QUEUE, "QueueUrl")}
"""The actions that use the KMS key of their target: the target's type, and the argument that names it."""

_KEYS_OF_AWS = "alias/aws/"
CLUSTER_KEY = "ecs:cluster"
_IN_A_CLUSTER = frozenset(f"ecs:{name}" for name in ("DescribeTasks", "ListTasks", "RunTask", "StopTask"))
"""The actions with the context key `ecs:cluster`.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon Elastic Container Service".
"""


@dataclass(frozen=True)
class Call:
    """One action that a machine's role needs, or may hold."""

    action: str
    caller: str
    """The state that makes the call, or another part of the machine, such as its logging."""
    resource: str | None = None
    """The ARN of the target, with * for unknown parts; None if the target is unknown."""
    passed_to: str | None = None
    """The service that a role is passed to."""
    is_needed: bool = True
    """True if the caller fails without the action; False if that depends on unknown facts."""
    target: Resource | None = None
    """The resource of the plan that is called, if its ARN does not identify it."""
    context: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """The context keys that follow from the request, e.g. `ecs:cluster`, each with its values."""


def calls_of(subject: Subject) -> Sequence[Call]:
    """Return the calls that the subject's state machine makes or may make.

    Raises:
        NotApplicableError: if another rule has reported that its definition cannot be read.
        PropertyError: if its definition, or its logging or tracing, is not known yet.
    """
    definition_of(subject)  # raises NotApplicableError if another rule has reported the definition
    return _calls(subject.plan, subject.resource)


# Each of the machines that share a role needs the calls of all of them.
@lru_cache(maxsize=1_024)
def _calls(plan: Plan, machine: Resource) -> Sequence[Call]:
    states = states_of(machine_definition(machine))
    return (*_of_machine(machine), *(call for state in states for call in _of_state(plan, machine, state)))


def _of_machine(machine: Resource) -> Iterator[Call]:
    yield from _listed("any", "the machine")
    if read_text(machine, "loggingConfiguration.level") not in (None, "", "OFF"):
        yield from _listed("logging", "its logging")
    if read(machine, "tracingConfiguration.enabled") is True:
        yield from _listed("tracing", "its tracing")
    if is_set(machine, "encryptionConfiguration.kmsKeyId"):
        yield from _listed("encryption", "its encryption")


def _of_state(plan: Plan, machine: Resource, state: State) -> Iterator[Call]:
    if state.type == "Task":
        credentials = state.fields.get("Credentials")
        if credentials is None:
            yield from _of_task(plan, machine, state)
        else:
            # Another role makes the call; the machine's role assumes that role.
            yield Call("sts:AssumeRole", state.name, only_text(argument(credentials, "RoleArn")))
    if state.type == "Map" and is_distributed(state.fields):
        name = read_text(machine, "name")
        itself = located(f"arn:*:states:*:*:stateMachine:{name}", machine) if name else None
        yield from _listed("distributedMap", state.name, itself)
        for part in (state.fields.get("ItemReader"), state.fields.get("ResultWriter")):
            if isinstance(part, Mapping):
                yield from _of_task(plan, machine, State(state.name, part))


def _of_task(plan: Plan, machine: Resource, state: State) -> Iterator[Call]:
    integration = integration_of(state)
    if integration is None:
        return
    for action in integration.needs(state.arguments):
        if action == PASSING_ON:
            yield from _passing(plan, state, integration)
        else:
            context = tuple(_context(action, machine, state))
            yield Call(action, state.name, _resource(action, machine, state), context=context)
        yield from _use_of_keys(plan, state, action)
    for action in integration.may_need:
        yield Call(action, state.name, is_needed=False)


def _context(action: str, machine: Resource, state: State) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the context keys that a state's arguments determine."""
    if action in _IN_A_CLUSTER:
        # Without an argument, ECS uses the cluster of this name.
        cluster = argument(state.arguments, "Cluster")
        if name := only_text("default" if cluster is None else cluster):
            yield CLUSTER_KEY, (arn_of_cluster(name, machine),)
    if action == "cloudwatch:PutMetricData" and (name := only_text(argument(state.arguments, "Namespace"))):
        yield "cloudwatch:namespace", (name,)


def arn_of_cluster(name: str, near: Resource) -> str:
    """Return the ARN of a cluster that a text names, in the region and the account of a resource."""
    return name if name.startswith("arn:") else located(f"arn:*:ecs:*:*:cluster/{name}", near)


def _passing(plan: Plan, state: State, integration: Integration) -> Iterator[Call]:
    """Yield the `iam:PassRole` calls of an integration: for an ECS task, those of its task definition's roles if it is
    known."""
    service = integration.passes_roles_to
    runs_task = integration.name == RUN_TASK
    run = resources_meant_by(plan, state.arguments, "TaskDefinition", TASK_DEFINITION) if runs_task else []
    if len(run) != 1:
        yield Call(PASSING_ON, state.name, passed_to=service)
        return
    for path in ("executionRoleArn", "taskRoleArn"):
        if is_set(run[0], path):
            yield Call(PASSING_ON, state.name, only_arn(plan, run[0], path, ROLE), service)


def _use_of_keys(plan: Plan, state: State, action: str) -> Iterator[Call]:
    """Yield the use of the KMS keys of topics and queues; keys that AWS manages need no permission."""
    if action not in _ENCRYPTED:
        return
    type_, key = _ENCRYPTED[action]
    for target in resources_meant_by(plan, state.arguments, key, type_):
        yield from use_of_key(plan, target, f"{state.name} with the key of {target.name}")


def use_of_key(plan: Plan, target: Resource, caller: str) -> Iterator[Call]:
    """Yield the use of the KMS key of a topic or a queue by a caller that sends to it with a role."""
    try:
        named = read_text(target, "kmsMasterKeyId") or _KEYS_OF_AWS
    except UnknownPropertyError:
        named = ""
    if _KEYS_OF_AWS not in named:
        keys = keys_of(plan, target, "kmsMasterKeyId")
        key = keys[0] if len(keys) == 1 else None
        for call in _listed("encryption", caller, _arn_of_key(named, key or target)):
            yield replace(call, target=key, context=tuple(_via(target)))


def _via(target: Resource) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the service that uses a key for a caller that sends to a topic or a queue.

    Source: AWS KMS Developer Guide, "kms:ViaService", whose table lists SNS and SQS.
    """
    region = region_of(target)
    if partition_of(region) == "aws":
        yield "kms:viaservice", (f"{'sns' if target.type == TOPIC else 'sqs'}.{region}.amazonaws.com",)


def _arn_of_key(named: str, near: Resource) -> str:
    """Return the ARN of the key that a text names by its ARN, its id or an alias; an unknown text is empty.

    A key that is named without a region and an account is in those of the resource that it encrypts.
    """
    if named.startswith("arn:"):
        return named if ":key/" in named else f"{named.rpartition(':')[0]}:key/*"
    return (near.type == KEY and arn_of(near)) or located("arn:*:kms:*:*:key/*", near)


def _listed(part: str, caller: str, resource: str | None = None) -> Iterator[Call]:
    """Yield the calls that `calls.json` lists for a part of a machine."""
    entry = TABLE["machine"][part]
    for action in entry.get("needs", ()):
        yield Call(action, caller, resource)
    for action in entry.get("may", ()):
        yield Call(action, caller, is_needed=False)


def _resource(action: str, machine: Resource, state: State) -> str | None:
    """Return the ARN of an action's target, as far as the state's arguments determine it, or None."""
    if ":function:" in state.resource:
        return state.resource
    template = TABLE["resources"].get(action, "")
    named = {key: only_text(argument(state.arguments, key)) for key in re.findall(r"\{(\w+)\}", template)}
    texts = {key: text for key, text in named.items() if text}
    if not texts or len(texts) < len(named):
        return None
    filled = template.format_map({key: _name(text) for key, text in texts.items()})
    found = next((text for text in texts.values() if text.startswith("arn:")), filled)
    # A service that is called by a name is the one in the machine's own region and account.
    return located(found, machine) if found.startswith("arn:") else None


def _name(text: str) -> str:
    """Return the name in an ARN of a resource that is named by its URL or its path."""
    return text.rpartition("/")[2] if "://" in text else text.lstrip("/")
