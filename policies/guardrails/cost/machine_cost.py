"""What the runs of one machine cost in a month.

A month of runs is the twelfth of 365.25 days as expected, and at worst the busiest of the calendar. A schedule that is
switched off starts nothing as expected, and in the worst case runs as if it were on.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from guardrails.aws.machines import analysis_of
from guardrails.cost.bill import Bill, Case, unknown_quantity
from guardrails.cost.declared import expected_of
from guardrails.cost.months import Start
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import HOURS_A_MONTH
from guardrails.cost.run import TRANSITION
from guardrails.cost.runs import run_bill, skipped_bill
from guardrails.properties import PropertyError
from guardrails.rule import NotApplicableError, Subject

_HOUR_SECONDS = 3_600


@dataclass(frozen=True, kw_only=True)
class MachineCost:
    """What the runs of one machine cost."""

    name: str
    urn: str
    runs: Mapping[Case, Bill]
    """What one run costs."""
    skipped: Bill
    """What a start costs that ends on the shortest way."""
    starts: tuple[Start, ...]
    every_starts: Decimal
    """Of how many starts by the clock one is expected to go the whole way."""
    hours_a_run: Mapping[Case, Decimal]
    """In how many hours of the clock a run may be at work."""
    prices: PriceTable

    def runs_a_month(self, case: Case) -> Decimal:
        """Return how many starts a month go the whole way, as far as they are known."""
        return sum((start.whole(self.every_starts).count(case) for start in self.starts), Decimal(0))

    def skips_a_month(self, case: Case) -> Decimal:
        """Return how many starts a month end on the shortest way."""
        return sum((start.count(case) for start in self.starts), Decimal(0)) - self.runs_a_month(case)

    def hours_at_work(self, case: Case) -> Decimal:
        """Return in how many hours of a month it runs at most; in all of them where nobody knows."""
        if any(start.a_month is None for start in self.starts):
            return Decimal(HOURS_A_MONTH)
        return self.runs_a_month(case) * self.hours_a_run[case]

    def month(self, case: Case) -> Bill:
        """Return what its runs cost in a month."""
        return Bill.of(
            [
                self.runs[case].times(self.runs_a_month(case)),
                self.skipped.times(self.skips_a_month(case)),
                *(
                    unknown_quantity(
                        self.prices, TRANSITION, self.name, f"how often it is started by {start.by}"
                    )
                    for start in self.starts
                    if start.a_month is None
                ),
            ]
        )


def machine_cost(subject: Subject, prices: PriceTable, starts: tuple[Start, ...]) -> MachineCost:
    """Return what the runs of the machine that a subject names cost."""
    machine = subject.resource
    return MachineCost(
        name=machine.name,
        urn=machine.urn,
        runs={case: run_bill(subject, prices, case) for case in Case},
        skipped=skipped_bill(subject, prices),
        starts=starts,
        every_starts=expected_of(subject.plan, machine).every_starts,
        hours_a_run={Case.EXPECTED: Decimal(1), Case.WORST: _most_hours(subject)},
        prices=prices,
    )


def _most_hours(subject: Subject) -> Decimal:
    """Return in how many hours of the clock the longest run is at work, which may begin late in its first."""
    try:
        seconds = analysis_of(subject).worst_case_seconds
    except (NotApplicableError, PropertyError):
        seconds = None
    return Decimal(HOURS_A_MONTH if seconds is None else 1 + math.ceil(seconds / _HOUR_SECONDS))
