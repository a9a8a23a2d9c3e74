"""The estimate of a stack: what it costs in a month whatever runs, what each run costs, and how many runs there are.

The expected month of runs is one twelfth of 365.25 days; the worst month is the busiest one of the calendar. A disabled
schedule starts nothing in the expected case, and counts as enabled in the worst case.
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from guardrails.aws.machines import analysis_of
from guardrails.aws.types import STATE_MACHINE
from guardrails.cost.bill import Bill, Case, after_free_tier, at_least, unknown_price, unknown_quantity
from guardrails.cost.execution_cost import execution_bill, skipped_execution_bill
from guardrails.cost.prices.table import FREE, Price, PriceTable, UnknownRegionError, table
from guardrails.cost.refused_declarations import refused_declarations
from guardrails.cost.resources import free_reason, is_priced, missing_price, monthly_cost
from guardrails.cost.resources.pricing import HOURS_A_MONTH, Month
from guardrails.cost.start_frequency import Start, machines_started_by_machines, starts_by_machine
from guardrails.cost.task_attempts import TRANSITION
from guardrails.cost.usage_declarations import declared_usage
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError
from guardrails.results import Results
from guardrails.rule import NotApplicableError, Subject

_HOUR_SECONDS = 3_600


_PROVIDERS = ("aws:", "aws-native:")
"""The beginnings of the types of AWS; the plan holds the resources in a component itself."""


class EstimateError(Exception):
    """A plan cannot be estimated; the message says why and what to do."""


class RegionError(EstimateError):
    """The region of a resource is not known."""


@dataclass(frozen=True, kw_only=True)
class MachineCost:
    """The cost of a machine's runs."""

    name: str
    urn: str
    runs: Mapping[Case, Bill]
    """The bill of one run."""
    skipped: Bill
    """The bill of a start that takes the shortest path to the end because nothing is due."""
    starts: tuple[Start, ...]
    every_starts: Decimal
    """N if one in N scheduled starts does the full run."""
    hours_a_run: Mapping[Case, Decimal]
    """The number of clock hours that a run may touch."""
    prices: PriceTable

    def runs_a_month(self, case: Case) -> Decimal:
        """Return the starts a month that do the full run, as far as they are known."""
        return sum((start.full_runs(self.every_starts).count(case) for start in self.starts), Decimal(0))

    def skips_a_month(self, case: Case) -> Decimal:
        """Return the starts a month that take the shortest path."""
        return sum((start.count(case) for start in self.starts), Decimal(0)) - self.runs_a_month(case)

    def hours_at_work(self, case: Case) -> Decimal:
        """Return the number of hours a month in which the machine runs; all of them if the starts are unknown."""
        if any(start.a_month is None for start in self.starts):
            return Decimal(HOURS_A_MONTH)
        return self.runs_a_month(case) * self.hours_a_run[case]

    def month(self, case: Case) -> Bill:
        """Return the bill of a month of runs."""
        unknown = (
            unknown_quantity(self.prices, TRANSITION, self.name, f"how often it is started by {start.by}")
            for start in self.starts
            if start.a_month is None
        )
        runs = self.runs[case].times(self.runs_a_month(case))
        return Bill.of([runs, self.skipped.times(self.skips_a_month(case)), *unknown])


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """The cost of a stack."""

    prices: tuple[PriceTable, ...]
    """The price tables of the stack's regions."""
    fixed: Bill
    """The monthly cost that accrues however often anything runs."""
    variable: Mapping[Case, Bill]
    """The monthly cost, except that of machines' runs, that differs between the expected and the worst case. It
    contains invocations by schedules, tasks that schedules run, invocations of functions by callers other than
    machines, rotated keys and services that have scaled. The hours in which a metric is not published are deducted."""
    machines: tuple[MachineCost, ...]
    free: Mapping[str, str]
    """The reasons why free types cost nothing by the month, by type."""
    not_priced: Mapping[str, tuple[str, ...]]
    """The resources whose price is not known, by type: of types or variants that the model does not know, or in other
    regions."""
    only_read: Mapping[str, tuple[str, ...]]
    """The resources that the stack only reads, by type; no amount includes them."""
    allowances: Mapping[str, Decimal]
    """The free quantities of each month, by the key of the price."""

    def month(self, case: Case, *, free_tier: bool = False) -> Bill:
        """Return the bill of a month."""
        runs = (machine.month(case) for machine in self.machines)
        bill = Bill.of([self.fixed, self.variable[case], *runs])
        return after_free_tier(bill, self.allowances) if free_tier else bill

    @cached_property
    def machine_by_urn(self) -> Mapping[str, MachineCost]:
        """The machines by URN."""
        return {machine.urn: machine for machine in self.machines}

    @cached_property
    def prices_used(self) -> tuple[Price, ...]:
        """The prices that the estimate uses, oldest first."""
        lines = (line for case in Case for line in self.month(case).lines)
        used = dict.fromkeys(line.price for line in lines if line.price is not None)
        return tuple(sorted(used, key=lambda price: (price.as_of, price.key)))

    @property
    def as_of(self) -> date | None:
        """The date of the oldest price that the estimate uses, or None if it uses no price."""
        return next((price.as_of for price in self.prices_used), None)

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions whose prices the estimate uses."""
        return tuple(prices.region for prices in self.prices)


def estimate(
    plan: Plan,
    *,
    results: Results | None = None,
    region: str | None = None,
    tables: Callable[[str], PriceTable] = table,
    priced_elsewhere: Collection[str] = (),
) -> Estimate:
    """Return the estimate of a plan.

    `region` is used for resources that have no region, neither their own nor their provider's. The amounts have no
    upper bound as long as the plan has resources without a price, except for those of types that are priced elsewhere.

    Raises:
        EstimateError: if a region is not known, or no line takes a declared usage.
    """
    prices = _Prices(region, tables)
    # The stack does not pay for resources that it only reads, but its own resources may refer to them.
    own = Plan.of(
        (resource for resource in plan.resources.values() if not resource.is_read), plan.components.values()
    )
    of_aws = [resource for resource in own.resources.values() if resource.type.startswith(_PROVIDERS)]
    starts = starts_by_machine(plan)
    machines = tuple(
        _machine_cost(
            Subject(resource=machine, plan=plan, results=results or Results()),
            prices.of(machine),
            starts[machine.urn],
        )
        for machine in own.of_type(STATE_MACHINE)
    )
    months = [
        Month(plan=plan, case=case, hours_at_work=_hours_at_work(plan, machines, case)) for case in Case
    ]
    unpriced = {resource: why for resource in of_aws if (why := _why_unpriced(resource, prices)) is not None}
    costs = {
        resource: monthly_cost(prices.of(resource), resource, months)
        for resource in of_aws
        if is_priced(resource.type) and resource not in unpriced
    }
    billed = {(resource.urn, key) for resource, cost in costs.items() for key in cost.declared}
    if refused := refused_declarations(own, billed):
        raise EstimateError("; ".join(refused))
    missing = (
        unknown_price(resource.type, resource.name, 1, why)
        for resource, why in unpriced.items()
        if resource.type not in priced_elsewhere
    )
    return Estimate(
        prices=tuple(prices.used.values()),
        fixed=Bill.of([*(cost.fixed for cost in costs.values()), *missing]),
        variable={case: Bill.of(cost.variable[case] for cost in costs.values()) for case in Case},
        machines=machines,
        free={
            resource.type: why
            for resource in of_aws
            if resource not in unpriced and (why := free_reason(resource.type)) is not None
        },
        not_priced=_names_by_type(unpriced),
        only_read=_names_by_type(
            resource
            for resource in plan.resources.values()
            if resource.is_read and resource.type.startswith(_PROVIDERS)
        ),
        allowances=FREE,
    )


class _Prices:
    """The price tables of the regions in which a plan has resources."""

    def __init__(self, default_region: str | None, tables: Callable[[str], PriceTable]) -> None:
        self.used: dict[str, PriceTable] = {}
        self._default_region = default_region
        self._tables = tables

    def of(self, resource: Resource) -> PriceTable:
        """Return the prices of a resource's region, none if they are not known.

        Raises:
            RegionError: if its region is not known.
        """
        region = region_of(resource) or self._default_region
        if region is None:
            raise RegionError(
                f"the region of {resource.name} is not known, and with it no price; write aws:region in the stack's "
                "file, or name a region"
            )
        if region not in self.used:
            try:
                self.used[region] = self._tables(region)
            except UnknownRegionError:
                self.used[region] = PriceTable(region=region, prices={}, is_known=False)
        return self.used[region]


def _why_unpriced(resource: Resource, prices: _Prices) -> str | None:
    """Return the price that is missing for a resource, or None if it is priced or free."""
    if missing := missing_price(resource):
        return missing
    if not is_priced(resource.type):
        return None
    of_region = prices.of(resource)
    if of_region.is_known or (free_reason(resource.type)):
        return None
    return f"the prices of {of_region.region}, which are not known"


def region_of(resource: Resource) -> str | None:
    """Return the region of a resource: its own, or else its provider's."""
    regions = resource.properties.get("region"), resource.provider.get("region")
    return next((region for region in regions if isinstance(region, str) and region), None)


def _machine_cost(subject: Subject, prices: PriceTable, starts: tuple[Start, ...]) -> MachineCost:
    machine = subject.resource
    runs = {case: execution_bill(subject, prices, case) for case in Case}
    return MachineCost(
        name=machine.name,
        urn=machine.urn,
        runs={**runs, Case.WORST: at_least(runs[Case.WORST], runs[Case.EXPECTED])},
        skipped=skipped_execution_bill(subject, prices),
        starts=starts,
        every_starts=declared_usage(subject.plan, machine).every_starts,
        hours_a_run={Case.EXPECTED: Decimal(1), Case.WORST: _most_hours(subject)},
        prices=prices,
    )


def _most_hours(subject: Subject) -> Decimal:
    """Return the number of clock hours that the longest run touches; it may begin late in its first hour."""
    try:
        seconds = analysis_of(subject).worst_case_seconds
    except (NotApplicableError, PropertyError):
        seconds = None
    return Decimal(HOURS_A_MONTH if seconds is None else 1 + math.ceil(seconds / _HOUR_SECONDS))


def _hours_at_work(plan: Plan, machines: Iterable[MachineCost], case: Case) -> dict[str, Decimal]:
    """Return the hours a month in which each machine runs, by URN.

    The number of runs of a machine that others start is not known here, so that it counts as running all month.
    """
    nested = machines_started_by_machines(plan)
    hours = {machine.urn: Decimal(HOURS_A_MONTH) for machine in plan.of_type(STATE_MACHINE)}
    return hours | {
        machine.urn: machine.hours_at_work(case) for machine in machines if machine.urn not in nested
    }


def _names_by_type(resources: Iterable[Resource]) -> dict[str, tuple[str, ...]]:
    """Return the names of resources by type."""
    names: dict[str, list[str]] = {}
    for resource in resources:
        names.setdefault(resource.type, []).append(resource.name)
    return {type_: tuple(of_type) for type_, of_type in names.items()}
