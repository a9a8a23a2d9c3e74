"""What a bill is made of: lines of a quantity and a price, either of which may not be known."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from guardrails.cost.prices.table import Price, PriceTable, UnknownPriceError, label

SERVICES = {
    "fargate": "AWS Fargate",
    "sfn": "AWS Step Functions",
    "scheduler": "Amazon EventBridge Scheduler",
    "events": "Amazon EventBridge",
    "sns": "Amazon SNS",
    "sqs": "Amazon SQS",
    "lambda": "AWS Lambda",
    "logs": "Amazon CloudWatch",
    "metric": "Amazon CloudWatch",
    "metrics": "Amazon CloudWatch",
    "container": "Amazon CloudWatch",
    "alarm": "Amazon CloudWatch",
    "dashboard": "Amazon CloudWatch",
    "kms": "AWS KMS",
    "secret": "AWS Secrets Manager",
    "nat": "Amazon VPC",
    "vpc": "Amazon VPC",
    "public": "Amazon VPC",
    "s3": "Amazon S3",
    "ecr": "Amazon ECR",
    "xray": "AWS X-Ray",
    "budget": "AWS Budgets",
    "data": "Data transfer",
    "ec2": "Amazon EC2",
    "ssm": "AWS Systems Manager",
}
"""Who bills for a price, by the first word of its key."""


COMPUTE = ("fargate_", "lambda_arm_", "lambda_x86_", "sfn_")
"""How the keys begin of what a run is billed for by how long and how often it works."""


@dataclass(frozen=True, kw_only=True)
class CostLine:
    """One line of a bill."""

    name: str
    """Whose it is, as `RunShard` or the name of a resource."""
    key: str
    """What is billed, by the key of its price."""
    quantity: Decimal | None
    """None where it is not known, which is not the same as nothing."""
    price: Price | None
    """None where nobody knows it."""
    depends_on: str = ""
    """What has to be known before there is an amount; nothing where there is one."""
    free_quantity: Decimal = Decimal(0)
    """How much of the quantity the free tier takes."""

    @property
    def amount(self) -> Decimal | None:
        """What it comes to, or None where it depends on something."""
        if self.quantity is None or self.price is None:
            return None
        return (self.quantity - self.free_quantity) * self.price.usd

    @property
    def is_compute(self) -> bool:
        """Whether it is billed by how long and how often something works."""
        return self.key.startswith(COMPUTE)

    @property
    def is_unpriced(self) -> bool:
        """Whether there is so much of it, at a price that nobody knows."""
        return self.price is None and bool(self.quantity)

    @property
    def service(self) -> str:
        """Who bills for it."""
        return service_of(self.key)

    @property
    def unit(self) -> str:
        """What the quantity counts."""
        return self.price.unit if self.price else ""


@dataclass(frozen=True)
class Bill:
    """What some things cost together; a line may come several times, and `merged` adds them up."""

    lines: tuple[CostLine, ...] = ()

    @classmethod
    def of(cls, bills: Iterable["Bill"]) -> "Bill":
        """Return the bill of all of them."""
        return cls(tuple(line for bill in bills for line in bill.lines)).merged()

    @property
    def total(self) -> Decimal:
        """The sum of what is known; `unknown` is not in it."""
        return sum((line.amount for line in self.lines if line.amount is not None), Decimal(0))

    @property
    def unknown(self) -> tuple[CostLine, ...]:
        """The lines that depend on something."""
        return tuple(line for line in self.lines if line.amount is None)

    @property
    def unbounded(self) -> tuple[CostLine, ...]:
        """The lines of which there is no most: work of which nobody knows how much there is, and what has no price.

        What only use tells, as requests to a key or the size of images, is unknown, but not among them.
        """
        return tuple(line for line in self.unknown if line.is_compute or line.is_unpriced)

    def quantity_of(self, key: str) -> Decimal | None:
        """Return how much there is of a price, or None where a part of it is not known."""
        quantities = [line.quantity for line in self.lines if line.key == key]
        return None if None in quantities else sum(filter(None, quantities), Decimal(0))

    def times(self, count: Decimal) -> "Bill":
        """Return the bill of so many of the same; none of them costs nothing, whatever it depends on."""
        if not count:
            return Bill()
        return Bill(tuple(replace(line, quantity=_scaled(line.quantity, count)) for line in self.lines))

    def depending_on(self, what: str) -> "Bill":
        """Return the bill of nobody knows how many of the same."""
        return Bill(tuple(replace(line, quantity=None, depends_on=what) for line in self.lines))

    def merged(self) -> "Bill":
        """Return the bill with one line for what has the same name, price and unknown."""
        found: dict[tuple[str, str, str], CostLine] = {}
        for line in self.lines:
            label = (line.name, line.key, line.depends_on)
            found[label] = _added(found[label], line) if label in found else line
        return Bill(tuple(found.values()))


def service_of(key: str) -> str:
    """Return who bills for a price, by its key."""
    return SERVICES.get(key.partition("_")[0], key.partition(":")[0])


def called(key: str) -> str:
    """Return who bills for a price and for what, by its key."""
    return f"{service_of(key)}, {label(key)}"


def billed(table: PriceTable, key: str, name: str, quantity: Decimal | int) -> Bill:
    """Return the bill of a quantity; in a region that has no price for it, it depends on that."""
    try:
        price = table.price(key)
    except UnknownPriceError as error:
        return unpriced(key, name, quantity, f"a price: {error}")
    return Bill((CostLine(name=name, key=key, quantity=Decimal(quantity), price=price),))


def unpriced(key: str, name: str, quantity: Decimal | int, what: str) -> Bill:
    """Return the bill of a quantity whose price nobody knows, with what it depends on."""
    line = CostLine(name=name, key=key, quantity=Decimal(quantity), price=None, depends_on=what)
    return Bill((line,))


def depends(table: PriceTable, key: str, name: str, what: str) -> Bill:
    """Return the bill of a quantity that nobody knows, with what it depends on."""
    return billed(table, key, name, 1).depending_on(what)


def _scaled(quantity: Decimal | None, count: Decimal) -> Decimal | None:
    return None if quantity is None else quantity * count


def _added(one: CostLine, other: CostLine) -> CostLine:
    if one.quantity is None or other.quantity is None:
        return replace(one, quantity=None)
    return replace(
        one,
        quantity=one.quantity + other.quantity,
        free_quantity=one.free_quantity + other.free_quantity,
    )
