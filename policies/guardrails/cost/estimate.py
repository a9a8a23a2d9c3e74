"""The whole of a stack: what it costs in a month whatever happens, each run, and how many runs there are."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from guardrails.aws.types import FUNCTION, STATE_MACHINE
from guardrails.cost.bill import Bill, Case, after_free_tier
from guardrails.cost.fixed import free_reason, is_priced, month_bill
from guardrails.cost.machine_cost import MachineCost, machine_cost
from guardrails.cost.months import started_by_machines, starts_of
from guardrails.cost.prices.table import FREE, Price, PriceTable, UnknownRegionError, table
from guardrails.cost.resources.functions import invoked_bill
from guardrails.cost.resources.pricing import HOURS_A_MONTH
from guardrails.cost.resources.services import SERVICE, growth_bill
from guardrails.cost.resources.storing import KEYS, rotation_bill
from guardrails.cost.resources.watching import idle_bill
from guardrails.cost.scheduled import billed_themselves, scheduled_bill
from guardrails.ledger import Ledger
from guardrails.plan import Plan, Resource
from guardrails.rule import Subject


class EstimateError(Exception):
    """Nothing can be estimated; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a stack costs."""

    prices: tuple[PriceTable, ...]
    """Of each region that it is in."""
    fixed: Bill
    """In a month, however often anything runs."""
    besides: Mapping[Case, Bill]
    """What comes to that but the runs: invocations of schedules, and the tasks that they run themselves; invocations of
    functions by others than machines; less for the hours in which nobody publishes a metric; and at worst more for keys
    that have been rotated and services that have grown."""
    machines: tuple[MachineCost, ...]
    free: Mapping[str, str]
    """Why the types cost nothing by the month that are free."""
    not_priced: Mapping[str, tuple[str, ...]]
    """The resources of the types that the model does not know."""
    only_read: Mapping[str, tuple[str, ...]]
    """The resources that the stack only reads, by their types; none of them is in an amount."""
    allowances: Mapping[str, Decimal]
    """What AWS gives for nothing each month, by the key of the price."""

    def month(self, case: Case, *, free_tier: bool = False) -> Bill:
        """Return the bill of a month."""
        runs = (machine.month(case) for machine in self.machines)
        bill = Bill.of([self.fixed, self.besides[case], *runs])
        return after_free_tier(bill, self.allowances) if free_tier else bill

    @property
    def prices_used(self) -> tuple[Price, ...]:
        """The prices that it reckons with, the oldest first."""
        lines = (line for case in Case for line in self.month(case).lines)
        used = dict.fromkeys(line.price for line in lines if line.price is not None)
        return tuple(sorted(used, key=lambda price: (price.as_of, price.key)))

    @property
    def as_of(self) -> date | None:
        """The day of the oldest price that it reckons with, where there is one."""
        return next((price.as_of for price in self.prices_used), None)

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions whose prices hold."""
        return tuple(table.region for table in self.prices)


def estimate(
    plan: Plan,
    *,
    ledger: Ledger | None = None,
    region: str | None = None,
    tables: Callable[[str], PriceTable] = table,
) -> Estimate:
    """Return what the stack of a plan costs.

    `region` holds where neither a resource nor its provider says one.

    Raises:
        EstimateError: where a region is not known, or has no prices.
    """
    asked = ledger or Ledger()
    used: dict[str, PriceTable] = {}

    def prices_of(resource: Resource) -> PriceTable:
        name = region_of(resource) or region
        if name is None:
            raise EstimateError(
                f"the region of {resource.name} is not known, and with it no price; write aws:region in the stack's "
                "file, or name a region"
            )
        if name not in used:
            try:
                used[name] = tables(name)
            except UnknownRegionError as error:
                raise EstimateError(str(error)) from None
        return used[name]

    # What is only read is on another's bill, and there all the same for what is billed here to refer to.
    own = Plan.of((one for one in plan.resources.values() if not one.is_read), plan.components.values())
    billed_for = [one for one in own.resources.values() if one.type.startswith("aws:")]
    fixed = Bill.of(month_bill(prices_of(one), plan, one) for one in billed_for if is_priced(one.type))
    rotated = Bill.of(rotation_bill(prices_of(one), one) for one in own.of_type(*KEYS))
    started = starts_of(plan)
    machines = tuple(
        machine_cost(Subject(resource=one, plan=plan, ledger=asked), prices_of(one), started[one.urn])
        for one in own.of_type(STATE_MACHINE)
    )
    inner = started_by_machines(plan)

    def besides(case: Case) -> Iterator[Bill]:
        # The runs of a machine that others start are counted with theirs, and not how many there are.
        all_month = {one.urn: Decimal(HOURS_A_MONTH) for one in plan.of_type(STATE_MACHINE)}
        known = {one.urn: one.hours_at_work(case) for one in machines if one.urn not in inner}
        for one in own.of_type(STATE_MACHINE):
            yield idle_bill(prices_of(one), plan, one, all_month | known, case)
        for one in billed_themselves(own):
            yield scheduled_bill(prices_of(one), plan, one, case)
        for one in own.of_type(FUNCTION):
            yield invoked_bill(prices_of(one), plan, one, case)
        if case is Case.WORST:
            yield rotated
            yield from (growth_bill(prices_of(one), plan, one) for one in own.of_type(SERVICE))

    return Estimate(
        prices=tuple(used.values()),
        fixed=fixed,
        besides={case: Bill.of(besides(case)) for case in Case},
        machines=machines,
        free={one.type: why for one in billed_for if (why := free_reason(one.type)) is not None},
        not_priced=_names_by_type(
            one for one in own.resources.values() if not is_priced(one.type) and free_reason(one.type) is None
        ),
        only_read=_names_by_type(one for one in plan.resources.values() if one.is_read),
        allowances=FREE,
    )


def _names_by_type(resources: Iterable[Resource]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one in resources:
        if _is_made_by_aws(one):
            found[one.type] = (*found.get(one.type, ()), one.name)
    return found


def _is_made_by_aws(resource: Resource) -> bool:
    """Tell whether a resource is one of AWS, by whichever provider; what a component makes is in the plan itself."""
    return resource.type.startswith(("aws:", "aws-native:"))


def region_of(resource: Resource) -> str | None:
    """Return the region that a resource is in, as it says itself or as its provider does."""
    own, of_provider = resource.properties.get("region"), resource.provider.get("region")
    return next((found for found in (own, of_provider) if isinstance(found, str) and found), None)
