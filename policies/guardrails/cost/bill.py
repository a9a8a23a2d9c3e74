"""Bills: lines of a quantity and a price, either of which may be unknown, and the free tier that reduces them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from guardrails.cost.prices.services import service_of
from guardrails.cost.prices.table import Price, PriceTable, UnknownPriceError, label

COMPUTE = ("fargate_", "lambda_arm_", "lambda_x86_", "sfn_")
"""The beginnings of the keys of compute prices, which are billed by running time or by number of executions."""

HOURLY = ("nat_gateway_hour", "vpc_endpoint_hour", "vpc_gateway_lb_endpoint_hour", "public_ipv4_hour")
"""The keys of prices by the hour and zone; a plan may not show in how many zones a resource is."""

OPEN_ENDED = (
    *COMPUTE,
    *HOURLY,
    *(
        "ec2_linux_",
        "ebs_",
        "rds_",
        "elb_",
        "eks_",
        "dynamodb_",
        "efs_",
        "elasticache_",
        "kinesis_",
        "glue_",
        "api_",
    ),
)
"""The beginnings of the keys of prices whose unknown quantity leaves a bill without an upper bound: compute, an
unknown number of zones, and the usage of services beside a pipeline, whose requests and storage nothing in the plan
limits."""

SHARED_ALLOWANCES = {
    "container_insights_metric_month": "metric_month",
    "sqs_fifo_request": "sqs_standard_request",
    "lambda_arm_gb_second": "lambda_x86_gb_second",
}
"""The prices that share the free allowance of another price, with the key of that price."""


class Case(StrEnum):
    """The case that an amount is estimated for."""

    EXPECTED = "expected"
    WORST = "worst"


@dataclass(frozen=True, kw_only=True)
class CostLine:
    """One line of a bill."""

    name: str
    """The state or the resource that causes the cost, as in `RunShard`."""
    key: str
    """The key of the price."""
    quantity: Decimal | None
    """None if unknown, which is not the same as 0."""
    price: Price | None
    """None if unknown."""
    depends_on: str = ""
    """The missing fact that the amount depends on; empty if the amount is known."""
    free_quantity: Decimal = Decimal(0)
    """The part of the quantity that the free tier covers."""

    @property
    def amount(self) -> Decimal | None:
        """The cost in US dollars, or None if the quantity or the price is unknown."""
        if self.quantity is None or self.price is None:
            return None
        return self.price.cost(self.quantity) - self.free_quantity * self.price.usd

    @property
    def is_open_ended(self) -> bool:
        """True if the quantity of the line is unknown and has no upper bound."""
        return self.quantity is None and self.key.startswith(OPEN_ENDED)

    @property
    def is_unpriced(self) -> bool:
        """True if the quantity is known and above 0, and the price is unknown."""
        return self.price is None and bool(self.quantity)

    @property
    def service(self) -> str:
        """The AWS service that bills the line."""
        return service_of(self.key)

    @property
    def unit(self) -> str:
        """The unit of the quantity."""
        return self.price.unit if self.price else ""


@dataclass(frozen=True)
class Bill:
    """The cost of several things together; `merged` adds up lines that occur more than once."""

    lines: tuple[CostLine, ...] = ()

    @classmethod
    def of(cls, bills: Iterable["Bill"]) -> "Bill":
        """Return the sum of several bills."""
        return cls(tuple(line for bill in bills for line in bill.lines)).merged()

    @property
    def total(self) -> Decimal:
        """The sum of the known amounts; the lines of `unknown` are not part of it."""
        return sum((line.amount for line in self.lines if line.amount is not None), Decimal(0))

    @property
    def unknown(self) -> tuple[CostLine, ...]:
        """The lines whose amount is unknown."""
        return tuple(line for line in self.lines if line.amount is None)

    @property
    def unbounded(self) -> tuple[CostLine, ...]:
        """The lines without an upper bound: unknown quantities of `OPEN_ENDED`, and known quantities without a price.

        Amounts that depend on a pipeline's own usage, such as requests to a key or the size of images, are in `unknown`
        and not here.
        """
        return tuple(line for line in self.unknown if line.is_open_ended or line.is_unpriced)

    def quantity_of(self, key: str) -> Decimal | None:
        """Return the quantity billed at a price, or None if a part of it is unknown."""
        quantities = [line.quantity for line in self.lines if line.key == key]
        return None if None in quantities else sum(filter(None, quantities), Decimal(0))

    def times(self, count: Decimal) -> "Bill":
        """Return the bill multiplied by a count; 0 times any bill is empty, even if a quantity is unknown."""
        if not count:
            return Bill()
        return Bill(tuple(replace(line, quantity=_scaled(line.quantity, count)) for line in self.lines))

    def depending_on(self, what: str) -> "Bill":
        """Return the bill with every quantity unknown because of a missing fact."""
        return Bill(tuple(replace(line, quantity=None, depends_on=what) for line in self.lines))

    def merged(self) -> "Bill":
        """Return the bill with one line for each combination of name, price and missing fact."""
        merged: dict[tuple[str, str, str], CostLine] = {}
        for line in self.lines:
            identity = (line.name, line.key, line.depends_on)
            merged[identity] = _added(merged[identity], line) if identity in merged else line
        return Bill(tuple(merged.values()))


def price_title(key: str) -> str:
    """Return the service that bills a price and the name of the price, as in `AWS KMS, key`."""
    return f"{service_of(key)}, {label(key)}"


def bill_for(table: PriceTable, key: str, name: str, quantity: Decimal | int) -> Bill:
    """Return the bill for a quantity; its amount is unknown if the region has no such price."""
    try:
        price = table.price(key)
    except UnknownPriceError as error:
        return unknown_price(key, name, quantity, f"a price: {error}")
    return Bill((CostLine(name=name, key=key, quantity=Decimal(quantity), price=price),))


def unknown_price(key: str, name: str, quantity: Decimal | int, what: str) -> Bill:
    """Return the bill for a quantity without a known price; `what` names the missing fact."""
    line = CostLine(name=name, key=key, quantity=Decimal(quantity), price=None, depends_on=what)
    return Bill((line,))


def unknown_quantity(table: PriceTable, key: str, name: str, what: str) -> Bill:
    """Return the bill for an unknown quantity; `what` names the missing fact."""
    return bill_for(table, key, name, 1).depending_on(what)


def at_least(worst: Bill, expected: Bill) -> Bill:
    """Return a worst bill that is no smaller than the expected one although quantities of it are unknown.

    The known part of a name with an unknown quantity is at least what is expected for the name.
    """
    unknown = {line.name for line in worst.unknown}
    known = [line for line in expected.lines if line.name in unknown and line.amount is not None]
    in_worst, in_expected = (_amounts(lines) for lines in (worst.lines, known))
    quantities: dict[tuple[str, str], Decimal] = {}
    for line in worst.lines:
        already = quantities.get((line.name, line.key), Decimal(0))
        quantities[line.name, line.key] = already + (line.quantity or 0)
    missing = [
        replace(line, quantity=(line.quantity or 0) - quantities.get((line.name, line.key), Decimal(0)))
        for line in known
        if in_expected[line.name] > in_worst.get(line.name, Decimal(0))
    ]
    return Bill.of([worst, Bill(tuple(line for line in missing if line.quantity and line.quantity > 0))])


def _amounts(lines: Iterable[CostLine]) -> Mapping[str, Decimal]:
    """Return the known amounts by the names on the lines."""
    amounts: dict[str, Decimal] = {}
    for line in lines:
        amounts[line.name] = amounts.get(line.name, Decimal(0)) + (line.amount or 0)
    return amounts


def added(worst: Bill, expected: Bill) -> Bill:
    """Return what a worst case adds to an expected bill that is counted already."""
    difference = Bill.of([worst, expected.times(Decimal(-1))])
    return Bill(tuple(line for line in difference.lines if line.quantity != 0))


def after_free_tier(bill: Bill, allowances: Mapping[str, Decimal]) -> Bill:
    """Return a month's bill with the free allowances taken off the lines, first line first.

    An allowance belongs to the AWS account: a stack that shares its account with others gets less of it.
    """
    return Bill(tuple(_after_allowances(bill, dict(allowances))))


def allowance_of(line: CostLine) -> str:
    """Return the key of the free allowance that covers a line."""
    return SHARED_ALLOWANCES.get(line.key, line.key)


def _after_allowances(bill: Bill, left: dict[str, Decimal]) -> Iterator[CostLine]:
    for line in bill.lines:
        allowance = line.key if line.key in left else allowance_of(line)
        if line.quantity is None or allowance not in left:
            yield line
            continue
        taken = min(line.quantity, left[allowance])
        left[allowance] -= taken
        yield replace(line, free_quantity=taken)


def _scaled(quantity: Decimal | None, count: Decimal) -> Decimal | None:
    return None if quantity is None else quantity * count


def _added(first: CostLine, second: CostLine) -> CostLine:
    if first.quantity is None or second.quantity is None:
        return replace(first, quantity=None)
    return replace(
        first,
        quantity=first.quantity + second.quantity,
        free_quantity=first.free_quantity + second.free_quantity,
    )
