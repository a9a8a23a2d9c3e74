"""The single grants of policies, and which of them a request needs."""

from guardrails.iam.evaluation import Outcome, Policies, evaluate
from guardrails.iam.grants import Grant, granting, grants_of, is_needed, without
from guardrails.iam.request import service
from tests.policies.iam.requests import KEY, TOPIC, allow, deny, policy, request

OTHER = f"{TOPIC}-other"
TWO = policy(allow("sns:Publish", "sns:Subscribe", on=[TOPIC, OTHER]), deny("sns:Publish", on="*:none"))


def grant(action: str, resource: str, statement: int = 0) -> Grant:
    return Grant("policy", statement, action, resource)


def test_a_policy_grants_each_action_on_each_resource_and_a_denial_grants_nothing() -> None:
    pairs = [(action, on) for action in ("sns:Publish", "sns:Subscribe") for on in (TOPIC, OTHER)]
    assert list(grants_of(TWO)) == [grant(*pair) for pair in pairs]


def test_a_grant_allows_the_requests_of_its_action_and_resource_only() -> None:
    assert list(granting(TWO, request("sns:Publish", TOPIC))) == [grant("sns:Publish", TOPIC)]
    assert not list(granting(TWO, request("sns:DeleteTopic", TOPIC)))


def test_a_grant_whose_condition_is_not_known_allows_nothing() -> None:
    conditional = policy(allow("sns:Publish", Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}}))
    assert not list(granting(conditional, request("sns:Publish", TOPIC)))


def test_a_policy_without_a_grant_allows_everything_else_that_it_allowed() -> None:
    rest = without(TWO, grant("sns:Publish", TOPIC))
    for action in ("sns:Publish", "sns:Subscribe"):
        for on in (TOPIC, OTHER):
            outcome = evaluate(request(action, on), Policies(identity=(rest,))).outcome
            is_removed = (action, on) == ("sns:Publish", TOPIC)
            assert outcome is (Outcome.NOT_ALLOWED if is_removed else Outcome.ALLOWED), (action, on)


def test_a_grant_of_another_policy_is_not_removed() -> None:
    assert without(TWO, Grant("other", 0, "sns:Publish", TOPIC)) is TWO


def test_a_grant_is_needed_unless_another_allows_the_same_request() -> None:
    asked, narrow, wide = request("sns:Publish", TOPIC), allow("sns:Publish", on=TOPIC), allow("sns:*")
    assert is_needed(grant("sns:Publish", TOPIC), asked, Policies(identity=(policy(narrow),)))
    both = Policies(identity=(policy(narrow, wide),))
    assert not is_needed(grant("sns:Publish", TOPIC), asked, both)
    assert not is_needed(grant("sns:*", "*", statement=1), asked, both)


def test_a_grant_of_a_resource_to_a_service_is_needed_by_its_request() -> None:
    named = {"Principal": {"Service": "cloudwatch.amazonaws.com"}}
    policies = Policies(resource=(policy(allow("sns:Publish", on=TOPIC, **named)),))
    asked = request("sns:Publish", TOPIC, by=service("cloudwatch.amazonaws.com"))
    assert is_needed(grant("sns:Publish", TOPIC), asked, policies)


def test_a_role_needs_both_its_own_grant_and_the_keys_of_the_account() -> None:
    root = {"Principal": {"AWS": "arn:aws:iam::111122223333:root"}}
    policies = Policies(
        identity=(policy(allow("kms:Decrypt", on=KEY)),),
        resource=(policy(allow("kms:*", **root), name="key"),),
        needs_resource_policy=True,
    )
    asked = request("kms:Decrypt", KEY)
    assert is_needed(grant("kms:Decrypt", KEY), asked, policies)
    assert is_needed(Grant("key", 0, "kms:*", "*"), asked, policies)
