"""What the runs of one machine cost in a month.

A month of runs is the twelfth of 365.25 days. A schedule that is switched off starts nothing as expected, and in the
worst case runs as if it were on. Deliveries of a schedule that AWS repeats are not counted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from guardrails.cost.declared import expected_of
from guardrails.cost.line import Bill, billed, depends
from guardrails.cost.months import Start
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import HOURS_A_MONTH
from guardrails.cost.run import TRANSITION, Case
from guardrails.cost.runs import run_bill, skipped_bill
from guardrails.rule import Subject


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
    """Of how many starts one goes the whole way."""
    prices: PriceTable

    def runs_a_month(self, case: Case) -> Decimal:
        """Return how many starts a month go the whole way, as far as they are known."""
        return self._starts(case) / self.every_starts

    @property
    def hours_at_work(self) -> Decimal:
        """In how many hours of an expected month it runs at most; in all of them where nobody knows."""
        if any(start.a_month is None for start in self.starts):
            return Decimal(HOURS_A_MONTH)
        return self.runs_a_month(Case.EXPECTED)

    def month(self, case: Case) -> Bill:
        """Return what its runs cost in a month."""
        runs = self.runs_a_month(case)
        return Bill.of(
            [
                self.runs[case].times(runs),
                self.skipped.times(self._starts(case) - runs),
                *(
                    billed(self.prices, "scheduler_invocation", start.by, start.a_month)
                    for start in self._counted(case)
                    if start.is_schedule and start.a_month is not None
                ),
                *(
                    depends(self.prices, TRANSITION, self.name, f"how often it is started by {start.by}")
                    for start in self.starts
                    if start.a_month is None
                ),
            ]
        )

    def _starts(self, case: Case) -> Decimal:
        return sum((start.a_month or Decimal(0) for start in self._counted(case)), Decimal(0))

    def _counted(self, case: Case) -> Iterator[Start]:
        return (start for start in self.starts if start.is_enabled or case is Case.WORST)


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
        prices=prices,
    )
