from decimal import Decimal
from typing import Any

import pytest

from guardrails.cost.bill import Case
from guardrails.cost.estimate import estimate
from guardrails.plan import UNKNOWN, Plan
from tests.policies.plans import resource

CLUSTER = "aws:eks/cluster:Cluster"
# 730 h x $0.10 and 730 h x ($0.10 + $0.50).
STANDARD, EXTENDED = Decimal(73), Decimal(438)


@pytest.mark.parametrize(
    ("properties", "expected", "worst"),
    [
        ({}, STANDARD, EXTENDED),
        ({"version": "1.27"}, EXTENDED, EXTENDED),
        ({"version": "1.33", "upgradePolicy": {"supportType": "EXTENDED"}}, EXTENDED, EXTENDED),
        ({"version": "1.34"}, STANDARD, EXTENDED),
        ({"version": UNKNOWN}, STANDARD, EXTENDED),
        ({"version": "1.27", "upgradePolicy": UNKNOWN}, EXTENDED, EXTENDED),
        ({"version": "1.27", "upgradePolicy": {"supportType": "STANDARD"}}, STANDARD, STANDARD),
        ({"upgradePolicy": {"supportType": "STANDARD"}}, STANDARD, STANDARD),
    ],
)
def test_a_cluster_pays_for_extended_support_unless_it_is_upgraded(
    properties: dict[str, Any], expected: Decimal, worst: Decimal
) -> None:
    found = estimate(Plan.of([resource(CLUSTER, "shop", **properties)]), region="us-east-1")
    assert [found.month(case).total for case in Case] == [expected, worst]
    assert not found.month(Case.WORST).unbounded


@pytest.mark.parametrize(("tier", "is_bounded"), [("standard", True), ("tier-4xl", False), (UNKNOWN, False)])
def test_a_larger_control_plane_has_no_price(tier: Any, is_bounded: bool) -> None:
    cluster = resource(CLUSTER, "shop", controlPlaneScalingConfig={"tier": tier})
    unbounded = estimate(Plan.of([cluster]), region="us-east-1").month(Case.EXPECTED).unbounded
    assert [line.name for line in unbounded] == ([] if is_bounded else ["shop"])
