from typing import Any

import pytest

from guardrails.aws.types import EVENT_SOURCE_MAPPING
from guardrails.cost.bill import Case
from guardrails.cost.estimate import estimate
from guardrails.cost.report import as_text
from guardrails.plan import UNKNOWN, Plan
from tests.policies.plans import resource, rule, violations

CERTIFICATE = "aws:acm/certificate:Certificate"
BACKUP_POLICY = "aws:efs/backupPolicy:BackupPolicy"
EAST = {"region": "us-east-1"}
WORST = rule("month-cost-worst-within-limit")
EXPORTABLE: dict[str, Any] = {"options": {"export": "ENABLED"}}


@pytest.mark.parametrize(
    ("type_", "properties", "missing"),
    [
        (CERTIFICATE, EXPORTABLE, "an exportable certificate"),
        (CERTIFICATE, {"options": UNKNOWN}, "an exportable certificate"),
        (CERTIFICATE, {"certificateAuthorityArn": "arn:aws:acm-pca:ca"}, "a private certificate authority"),
        (
            EVENT_SOURCE_MAPPING,
            {"provisionedPollerConfig": {"minimumPollers": 100}},
            "provisioned event pollers",
        ),
        ("aws-native:lambda:EventSourceMapping", {"provisionedPollerConfig": UNKNOWN}, "event pollers"),
        (BACKUP_POLICY, {"backupPolicy": {"status": "ENABLED"}}, "the backups of a file system"),
        ("aws:backup/plan:Plan", {}, "aws:backup/plan:Plan"),
        ("aws:backup/selection:Selection", {}, "aws:backup/selection:Selection"),
    ],
)
def test_a_billed_variant_of_a_free_type_is_listed_without_a_price(
    type_: str, properties: dict[str, Any], missing: str
) -> None:
    plan = Plan.of([resource(type_, "shop", provider=EAST, **properties)])
    found = estimate(plan)
    assert (found.not_priced, found.free) == ({type_: ("shop",)}, {})
    assert not estimate(plan, priced_elsewhere=[type_]).month(Case.WORST).unbounded
    for case in Case:
        assert [line.name for line in found.month(case).unbounded] == ["shop"]
    text = as_text(found)
    assert missing in text
    assert "AWS bills nothing" not in text


@pytest.mark.parametrize(
    ("type_", "properties"),
    [
        (CERTIFICATE, {"domainName": "shop.example"}),
        (CERTIFICATE, {"options": {"certificateTransparencyLoggingPreference": "ENABLED"}}),
        (CERTIFICATE, {"options": {"export": "DISABLED"}}),
        (EVENT_SOURCE_MAPPING, {"functionName": "shop"}),
        (BACKUP_POLICY, {"backupPolicy": {"status": "DISABLED"}}),
    ],
)
def test_other_variants_are_free(type_: str, properties: dict[str, Any]) -> None:
    found = estimate(Plan.of([resource(type_, "shop", provider=EAST, **properties)]))
    assert (found.not_priced, list(found.free)) == ({}, [type_])


def test_the_month_is_refused_with_the_reason() -> None:
    stack = resource("pulumi:pulumi:Stack", "shop-dev")
    certificate = resource(CERTIFICATE, "shop", provider=EAST, **EXPORTABLE)
    assert "the price of an exportable certificate" in violations(WORST, stack, certificate)[0]


def test_the_reason_for_a_missing_price_is_printed() -> None:
    group = resource("aws:autoscaling/group:Group", "workers", provider=EAST, desiredCapacity=UNKNOWN)
    text = as_text(estimate(Plan.of([group])))
    assert text.startswith("No price is known for these resources.")
    assert "- a property: desiredCapacity is not known until" in text
    assert text.rstrip().endswith(": workers")
    there = resource("aws:kms/key:Key", "there", region="mars-north-1")
    assert "aws:kms/key:Key, the prices of mars-north-1, which are not known: there" in as_text(
        estimate(Plan.of([there]))
    )
