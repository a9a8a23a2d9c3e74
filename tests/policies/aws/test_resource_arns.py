from typing import Any

import pytest

from guardrails.aws.provider import account_of, region_of
from guardrails.aws.references import is_identified_by
from guardrails.aws.resource_arns import arn_of, located
from guardrails.aws.types import BUCKET, KEY, QUEUE, ROLE, SCHEDULE_GROUP, TOPIC
from guardrails.plan import UNKNOWN
from tests.policies.plans import resource

ACCOUNT, OTHER = "111122223333", "444455556666"
PROVIDER = {"region": "eu-west-1", "allowedAccountIds": [ACCOUNT]}


@pytest.mark.parametrize(
    ("properties", "provider", "region"),
    [
        ({}, PROVIDER, "eu-west-1"),
        ({"region": "us-east-1"}, PROVIDER, "us-east-1"),
        ({"region": UNKNOWN}, {}, ""),
        ({}, {"region": UNKNOWN}, ""),
        ({}, {}, ""),
    ],
)
def test_the_region_is_the_one_of_the_resource_or_of_its_provider(
    properties: dict[str, Any], provider: dict[str, Any], region: str
) -> None:
    assert region_of(resource(TOPIC, "news", provider=provider, **properties)) == region


@pytest.mark.parametrize(
    ("allowed", "account"),
    [
        ([ACCOUNT], ACCOUNT),
        (f'["{ACCOUNT}"]', ACCOUNT),
        ([ACCOUNT, OTHER], ""),
        ([], ""),
        ([UNKNOWN], ""),
        ("not JSON", ""),
        ("1", ""),
        (UNKNOWN, ""),
        (None, ""),
    ],
)
def test_the_account_is_the_only_one_that_the_provider_allows(allowed: Any, account: str) -> None:
    assert account_of(resource(TOPIC, "news", provider={"allowedAccountIds": allowed})) == account


@pytest.mark.parametrize(
    ("type_", "properties", "arn"),
    [
        (TOPIC, {"name": "news"}, f"arn:aws:sns:eu-west-1:{ACCOUNT}:news"),
        (TOPIC, {"name": "news", "region": "cn-north-1"}, f"arn:aws-cn:sns:cn-north-1:{ACCOUNT}:news"),
        (SCHEDULE_GROUP, {"name": "a"}, f"arn:aws:scheduler:eu-west-1:{ACCOUNT}:schedule-group/a"),
        (BUCKET, {"bucket": "a"}, "arn:aws:s3:::a"),
        (KEY, {}, f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/*"),
        (ROLE, {"name": "its", "path": "/a/"}, f"arn:aws:iam::{ACCOUNT}:role/a/its"),
        (ROLE, {"name": UNKNOWN}, None),
        (TOPIC, {"name": "news", "arn": "arn:aws:sns:us-east-1:1:x"}, "arn:aws:sns:us-east-1:1:x"),
    ],
)
def test_an_arn_has_the_region_and_the_account_of_the_provider(
    type_: str, properties: dict[str, Any], arn: str | None
) -> None:
    assert arn_of(resource(type_, "it", provider=PROVIDER, **properties)) == arn


def test_what_the_provider_does_not_name_is_not_known() -> None:
    assert arn_of(resource(TOPIC, "news", name="news")) == "arn:*:sns:*:*:news"
    assert located("arn:aws:sns:us-east-1:*:news", resource(TOPIC)) == "arn:aws:sns:us-east-1:*:news"


@pytest.mark.parametrize(
    ("arn", "identified"),
    [
        (f"arn:aws:sqs:eu-west-1:{ACCOUNT}:lost", True),
        (f"arn:aws:sqs:us-east-1:{ACCOUNT}:lost", False),
        (f"arn:aws:sqs:eu-west-1:{OTHER}:lost", False),
        ("arn:aws:sqs:*:*:lost", True),
        ("arn:aws:sqs:::lost", True),
        (f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/lost", True),
    ],
)
def test_an_arn_of_another_region_or_account_identifies_another_resource(arn: str, identified: bool) -> None:
    assert is_identified_by(resource(QUEUE, "lost", name="lost", provider=PROVIDER), arn) is identified
    assert is_identified_by(resource(QUEUE, "lost", name="lost"), arn)
