from decimal import Decimal

import pytest

from components.settings.fargate import Size
from docs.cost.arithmetic import Worker, later_attempts, run_of
from docs.stack_files import settings_of
from guardrails.cost.bill import Case
from tests.docs.cost.test_figures import EVERY_STACK, estimate_of
from tests.stacks import settings_of as settings_in_tests

EXAMPLE = Worker(region="us-east-1", size=Size(2048, 4096))
OF_WORKERS = ("fargate_", "public_ipv4_")


def test_an_hour_of_two_vcpu_and_four_gb_matches_a_manual_calculation() -> None:
    # 2 vCPU x 0.04048 + 4 GB x 0.004445 = 0.08096 + 0.01778, and an address of 0.005.
    assert EXAMPLE.usd_an_hour == Decimal("0.09874") + Decimal("0.005")
    assert (EXAMPLE.vcpus, EXAMPLE.memory_gb) == (Decimal(2), Decimal(4))


@EVERY_STACK
@pytest.mark.parametrize("case", Case)
def test_the_attempts_of_a_run_add_up_to_the_estimated_cost_of_its_workers(stack: str, case: Case) -> None:
    machine, _ = estimate_of(stack).machines
    lines = [line for line in machine.runs[case].lines if line.key.startswith(OF_WORKERS)]
    estimated = sum((line.amount or Decimal(0) for line in lines), Decimal(0))
    assert abs(sum(attempts.usd for attempts in run_of(settings_of(stack), case)) - estimated) < Decimal(
        "1e-20"
    )


def test_the_first_attempt_is_expected_on_spot_if_that_is_set_and_at_worst_no_attempt_is() -> None:
    assert [attempts.on.is_spot for attempts in run_of(settings_of("dev"), Case.EXPECTED)] == [
        False,
        True,
        False,
    ]
    assert [attempts.on.is_spot for attempts in run_of(settings_of("dev"), Case.WORST)] == [False] * 4


def test_the_later_attempts_are_larger() -> None:
    _, first, later, _ = run_of(settings_of("dev"), Case.WORST)
    assert first.on.size.next_up() == later.on.size
    assert later.times == first.times * later_attempts(settings_of("dev"))


@EVERY_STACK
def test_a_stack_file_is_read_as_the_program_reads_it(stack: str) -> None:
    assert settings_of(stack) == settings_in_tests(stack)
