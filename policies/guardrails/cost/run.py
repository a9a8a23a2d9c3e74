"""One run of one machine that is reckoned: of which machine, in which case, at which prices."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from guardrails.aws.machines import bounds_of
from guardrails.cost.bill import Bill, Case, bill_for, unknown_quantity
from guardrails.cost.declared import Expected, expected_of
from guardrails.cost.prices.table import PriceTable
from guardrails.plan import Resource
from guardrails.rule import Subject
from guardrails.time.bounds import Bounds

TRANSITION = "sfn_standard_transition"
TRANSITIONS = "state transitions"


@dataclass(frozen=True, kw_only=True, eq=False)
class Run:
    """One machine in one case."""

    subject: Subject
    table: PriceTable
    case: Case
    is_express: bool
    of_started: Callable[[Resource], Bill]
    """Returns what a run of another machine costs that this one starts."""
    started_by: frozenset[str]
    """The URNs of this machine and of those that have started it."""

    @property
    def is_worst(self) -> bool:
        """Whether the worst is meant."""
        return self.case is Case.WORST

    @cached_property
    def bounds(self) -> Bounds:
        """What is declared about the machine as the most."""
        return bounds_of(self.subject)

    @cached_property
    def expected(self) -> Expected:
        """What is declared about it as expected."""
        return expected_of(self.subject.plan, self.subject.resource)

    def transitions(self, count: int) -> Bill:
        """Return the bill of state transitions; an Express machine is billed by its requests and its duration."""
        return Bill() if self.is_express else bill_for(self.table, TRANSITION, TRANSITIONS, count)

    def express_execution(self, name: str) -> Bill:
        """Return the bill of an Express execution besides what its states call."""
        return Bill.of(
            [
                bill_for(self.table, "sfn_express_request", name, 1),
                unknown_quantity(
                    self.table, "sfn_express_gb_second", name, "the memory and the duration of a run"
                ),
            ]
        )

    def unknown(self, name: str, what: str) -> Bill:
        """Return the bill of work of which nobody knows how much there is."""
        return unknown_quantity(self.table, TRANSITION, name, what)
