"""What it costs to keep things: keys and secrets by the month, and what only its use tells."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from guardrails.aws import types
from guardrails.aws.links import named_by
from guardrails.aws.starts import DAYS_A_MONTH
from guardrails.cost.bill import Bill, bill_for, unknown_quantity
from guardrails.cost.declared import expected_of
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import Pricing
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.properties import read_partly

KEYS = ("aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey")
_BUDGET_ACTION = "aws:budgets/budgetAction:BudgetAction"


def _log_group(table: PriceTable, plan: Plan, group: Resource) -> Iterator[Bill]:
    if not _is_declared_by_runs(plan, group, "logs_ingested_gb"):
        yield unknown_quantity(table, "logs_ingested_gb", group.name, "how much is logged")
    if not _is_declared_by_runs(plan, group, "logs_stored_gb_month"):
        yield unknown_quantity(
            table, "logs_stored_gb_month", group.name, "how much is logged, and for how long it is kept"
        )


def _key(table: PriceTable, _: Plan, key: Resource) -> Iterator[Bill]:
    yield bill_for(table, "kms_key_month", key.name, 1)
    yield unknown_quantity(table, "kms_request", key.name, "how often it is used")


def _secret(table: PriceTable, plan: Plan, secret: Resource) -> Iterator[Bill]:
    replicas = secret.properties.get("replicas")
    copies = len(replicas) if isinstance(replicas, list | tuple) else 0
    yield bill_for(table, "secret_month", secret.name, 1 + copies)
    if replicas is UNKNOWN:
        yield unknown_quantity(table, "secret_month", secret.name, "in how many regions it is")
    if not _is_declared_by_runs(plan, secret, "secret_request"):
        yield unknown_quantity(table, "secret_request", secret.name, "how often it is read")


def _repository(table: PriceTable, _: Plan, repository: Resource) -> Iterator[Bill]:
    yield unknown_quantity(table, "ecr_gb_month", repository.name, "the size of its images")


def _bucket(table: PriceTable, plan: Plan, bucket: Resource) -> Iterator[Bill]:
    if not _is_declared_by_runs(plan, bucket, "s3_standard_gb_month"):
        yield unknown_quantity(table, "s3_standard_gb_month", bucket.name, "how much lies in it")


def _lifecycle(table: PriceTable, _: Plan, lifecycle: Resource) -> Iterator[Bill]:
    """Yield the requests by which objects change their class, which are billed; their end is free."""
    rules = read_partly(lifecycle, "rules")
    if rules is UNKNOWN or any(
        not isinstance(rule, Mapping) or any(map(rule.get, ("transitions", "noncurrentVersionTransitions")))
        for rule in rules or ()
    ):
        what = "how many objects it moves to another storage class"
        yield unknown_quantity(table, "s3_put_request", lifecycle.name, what)


def _budget_action(table: PriceTable, plan: Plan, action: Resource) -> Iterator[Bill]:
    """Yield what the budget of an action costs, with the first of its actions.

    Source: https://aws.amazon.com/aws-cost-management/aws-budgets/pricing/
    """
    budget = _budget_of(plan, action)
    if action is next(one for one in plan.of_type(_BUDGET_ACTION) if _budget_of(plan, one) == budget):
        yield bill_for(table, "budget_action_day", action.name, DAYS_A_MONTH)


def _budget_of(plan: Plan, action: Resource) -> Any:
    """Return what tells the budget of an action from others."""
    named = named_by(plan, action, "budgetName", types.BUDGET)
    name = action.properties.get("budgetName")
    return named[0].urn if named else name if isinstance(name, str) else action.urn


def _parameter(table: PriceTable, _: Plan, parameter: Resource) -> Iterator[Bill]:
    key = "ssm_advanced_parameter_month"
    match parameter.properties.get("tier"):
        case None | "Standard":
            return
        case "Advanced":
            yield bill_for(table, key, parameter.name, 1)
        case _:
            yield unknown_quantity(table, key, parameter.name, "whether it is an advanced parameter")


def _is_declared_by_runs(plan: Plan, resource: Resource, key: str) -> bool:
    """Tell whether a machine in the same outermost component declares how much of something its runs use."""
    around = _outermost(plan, resource)
    return around is not None and any(
        key in expected_of(plan, machine).run
        for machine in plan.of_type(types.STATE_MACHINE)
        if _outermost(plan, machine) is around
    )


def _outermost(plan: Plan, resource: Resource) -> Resource | None:
    """Return the component around a resource that is in no other, the stack itself being none."""
    return [None, *(one for one in plan.ancestors(resource) if one.type != types.STACK)][-1]


def rotation_bill(table: PriceTable, key: Resource) -> Bill:
    """Return what a key costs more a month once it has been rotated twice, after which it costs no more."""
    rotates = key.properties.get("enableKeyRotation")
    return bill_for(table, "kms_key_month", f"{key.name}, rotated", Decimal(2)) if rotates else Bill()


PRICED: Pricing = {
    **dict.fromkeys(KEYS, _key),
    types.LOG_GROUP: _log_group,
    types.ECR_REPOSITORY: _repository,
    "aws:secretsmanager/secret:Secret": _secret,
    "aws:s3/bucket:Bucket": _bucket,
    "aws:s3/bucketV2:BucketV2": _bucket,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _lifecycle,
    "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2": _lifecycle,
    "aws:ssm/parameter:Parameter": _parameter,
    _BUDGET_ACTION: _budget_action,
}
