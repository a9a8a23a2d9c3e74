"""Every property that a rule reads exists in the classes of pulumi_aws; a misspelled one would never be set."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from guardrails.evaluation import evaluate
from guardrails.plan import Plan, Resource
from guardrails.results import Results
from guardrails.rule import Rule
from guardrails.rules import RULES
from local.provider.schema import Many, Object, PropertyType, Table, resource_schema
from tests.policies.bad_plans.good_plan import good_pipeline, linked, plan_of
from tests.policies.bad_plans.mutations import FAULTS


class Recorded(dict[str, Any]):
    """The properties of a resource, which record the paths that are read."""

    def __init__(self, values: Any, read: set[tuple[str, ...]], path: tuple[str, ...] = ()) -> None:
        super().__init__(
            {
                key: Recorded(value, read, (*path, key)) if isinstance(value, dict) else value
                for key, value in values.items()
            }
        )
        self._read, self._path = read, path

    def get(self, key: str, default: Any = None) -> Any:
        self._read.add((*self._path, key))
        return super().get(key, default)


def paths_read() -> dict[str, set[tuple[str, ...]]]:
    """Return the paths that the rules read, by type, over the valid plan, and over the faulty ones of each rule."""
    read: dict[str, set[tuple[str, ...]]] = {}
    for link in (linked, dict):
        judge(plan_of(link(good_pipeline())), RULES, read)
    for rule in RULES:
        for mutate in FAULTS.get(rule.name, ()):
            pipeline = good_pipeline()
            mutate(pipeline)
            judge(plan_of(pipeline), [rule], read)
    return read


def judge(plan: Plan, rules: Iterable[Rule], read: dict[str, set[tuple[str, ...]]]) -> None:
    def recorded(resource: Resource) -> Resource:
        properties = Recorded(resource.properties, read.setdefault(resource.type, set()))
        return replace(resource, properties=properties)

    copy = Plan.of(map(recorded, plan.resources.values()), plan.components.values())
    results = Results()
    for rule in rules:
        for resource in copy.of_type(*rule.resource_types):
            evaluate(rule, resource, copy, results)


def wrong(type_: str, paths: set[tuple[str, ...]]) -> Iterator[str]:
    schema = resource_schema(type_)
    assert schema is not None, type_
    for path in paths:
        place: PropertyType | None = None
        known = {**schema.inputs.properties, **schema.outputs, "id": None}
        for key in path:
            if isinstance(place, Many):
                place = place.element
            if isinstance(place, Table):
                place = place.element
            elif place is None or isinstance(place, Object):
                names = known if place is None else place.properties
                if key not in names:
                    yield f"{type_} {'.'.join(path)}"
                    break
                place = names[key]


# Read of a resource of any type, to see which of them it has; `expected` is an input of components.
OF_ANY = {
    ("expected",),
    ("arn",),
    ("id",),
    ("url",),
    ("name",),
    ("family",),
    ("bucket",),
    ("tags",),
    ("path",),
}


# Each of these functions reads several types, and finds the property in one of them:
# the estimate of a function's callers the principal, of which only a permission has one,
# the partition of a role, which is in no region, the region of its provider,
# the price of a message whether a queue or a topic is FIFO,
# a rule on networks a route of a table or of its own, and a rule of a security group or of its own.
EGRESS_RULE = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
OF_ANOTHER_TYPE = {
    "aws:iam/role:Role region",
    "aws:lambda/functionUrl:FunctionUrl principal",
    "aws:sns/topic:Topic fifoQueue",
    "aws:ec2/route:Route cidrBlock",
    *(
        f"{EGRESS_RULE} {name}"
        for name in (
            "cidrBlocks",
            "ipv6CidrBlocks",
            "prefixListIds",
            "securityGroups",
            "self",
            "sourceSecurityGroupId",
        )
    ),
}


def test_every_property_that_a_rule_reads_is_one_of_pulumi_aws() -> None:
    read = {type_: paths for type_, paths in paths_read().items() if type_.startswith("aws:")}
    assert sum(map(len, read.values())) > 150
    faults = {fault for type_, paths in read.items() for fault in wrong(type_, paths - OF_ANY)}
    assert faults == OF_ANOTHER_TYPE
    misspelled = {("loggingConfiguration", "lebel"), ("retentionDays",)}
    assert len([*wrong("aws:sfn/stateMachine:StateMachine", misspelled)]) == 2
