import pytest

from guardrails.iam.evaluation import Outcome, Policies, evaluate
from guardrails.iam.request import ANONYMOUS, service
from tests.policies.iam.requests import (
    ACCOUNT,
    BUCKET,
    KEY,
    OTHER_ACCOUNT,
    STRANGER,
    TOPIC,
    WORKER,
    allow,
    deny,
    outcome,
    policy,
    request,
)

ALLOWED, DENIED, NOT_ALLOWED, UNKNOWN = Outcome
ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}


def test_a_request_is_not_allowed_by_default() -> None:
    assert outcome(request("sns:Publish", TOPIC)) is NOT_ALLOWED


def test_an_identity_s_policy_allows_its_actions_on_its_resources_only() -> None:
    written = allow("sns:Publish", on=TOPIC)
    assert outcome(request("sns:Publish", TOPIC), written) is ALLOWED
    assert outcome(request("SNS:publish", TOPIC), written) is ALLOWED
    assert outcome(request("sns:Subscribe", TOPIC), written) is NOT_ALLOWED
    assert outcome(request("sns:Publish", f"{TOPIC}2"), written) is NOT_ALLOWED


def test_not_action_and_not_resource_mean_all_others() -> None:
    # "AWS JSON policy elements: NotAction": everything in S3 except deleting a bucket.
    written = {"Effect": "Allow", "NotAction": "s3:DeleteBucket", "Resource": f"{BUCKET}*"}
    assert outcome(request("s3:GetObject", f"{BUCKET}/a"), written) is ALLOWED
    assert outcome(request("s3:DeleteBucket", BUCKET), written) is NOT_ALLOWED
    others = {"Effect": "Deny", "Action": "s3:*", "NotResource": [BUCKET, f"{BUCKET}/*"]}
    assert outcome(request("s3:GetObject", f"{BUCKET}/a"), allow("s3:*"), others) is ALLOWED
    assert outcome(request("s3:GetObject", "arn:aws:s3:::private/a"), allow("s3:*"), others) is DENIED


def test_an_explicit_denial_wins_over_every_permission() -> None:
    asked = request("sns:Publish", TOPIC)
    assert outcome(asked, allow("sns:*"), deny("sns:Publish")) is DENIED
    resource = policy(deny("sns:Publish", Principal="*"))
    assert outcome(asked, allow("sns:*"), resource=(resource,)) is DENIED
    assert outcome(asked, allow("sns:*"), boundary=policy(allow("*"), deny("sns:*"))) is DENIED


def test_a_permissions_boundary_limits_the_permissions_of_identity_policies() -> None:
    # "Permissions boundaries for IAM entities": a user has the permissions that policy and boundary both allow.
    boundary = policy(allow("s3:*", "cloudwatch:*", "ec2:*"))
    assert outcome(request("iam:CreateUser"), allow("iam:CreateUser"), boundary=boundary) is NOT_ALLOWED
    assert outcome(request("s3:ListAllMyBuckets"), allow("*"), boundary=boundary) is ALLOWED
    assert outcome(request("s3:ListAllMyBuckets"), boundary=boundary) is NOT_ALLOWED


def test_a_resource_s_policy_allows_a_named_role_of_the_same_account_without_a_policy_of_its_own() -> None:
    named = policy(allow("sns:Publish", on=TOPIC, Principal={"AWS": WORKER.name}))
    assert outcome(request("sns:Publish", TOPIC), resource=(named,)) is ALLOWED
    # A boundary limits a grant to the role's ARN.
    assert (
        outcome(request("sns:Publish", TOPIC), resource=(named,), boundary=policy(allow("s3:*")))
        is NOT_ALLOWED
    )


def test_a_resource_s_policy_that_names_the_account_leaves_the_decision_to_it() -> None:
    for root in (ROOT, {"AWS": ACCOUNT}):
        written = policy(allow("sns:Publish", on=TOPIC, Principal=root))
        assert outcome(request("sns:Publish", TOPIC), resource=(written,)) is NOT_ALLOWED
        assert outcome(request("sns:Publish", TOPIC), allow("sns:*"), resource=(written,)) is ALLOWED


def test_another_account_needs_both_its_own_and_the_resource_s_policy() -> None:
    asked = request("s3:GetObject", f"{BUCKET}/a", by=STRANGER)
    shared = policy(allow("s3:GetObject", on=f"{BUCKET}/*", Principal={"AWS": OTHER_ACCOUNT}))
    assert outcome(asked, allow("s3:*")) is NOT_ALLOWED
    assert outcome(asked, resource=(shared,)) is NOT_ALLOWED
    assert outcome(asked, allow("s3:*"), resource=(shared,)) is ALLOWED


def test_a_service_is_allowed_by_the_resource_s_policy_only() -> None:
    asked = request("sns:Publish", TOPIC, by=service("cloudwatch.amazonaws.com"))
    events = policy(allow("sns:Publish", on=TOPIC, Principal={"Service": "events.amazonaws.com"}))
    alarms = policy(allow("sns:Publish", on=TOPIC, Principal={"Service": "cloudwatch.amazonaws.com"}))
    assert outcome(asked, allow("*")) is NOT_ALLOWED
    assert outcome(asked, resource=(events,)) is NOT_ALLOWED
    assert outcome(asked, resource=(alarms,)) is ALLOWED


def test_a_key_is_used_only_as_its_own_policy_says() -> None:
    asked = request("kms:Decrypt", KEY)
    to_account = policy(allow("kms:*", Principal=ROOT))
    to_role = policy(allow("kms:Decrypt", Principal={"AWS": WORKER.name}))
    to_others = policy(allow("kms:Decrypt", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/other"}))
    own = allow("kms:Decrypt", on=KEY)
    for resource, statements, expected in (
        (to_account, [own], ALLOWED),
        (to_account, [], NOT_ALLOWED),
        (to_role, [], ALLOWED),
        (to_others, [own], NOT_ALLOWED),
    ):
        assert outcome(asked, *statements, resource=(resource,), needs_resource_policy=True) is expected, (
            resource
        )


def test_everyone_includes_roles_services_and_requests_without_a_signature() -> None:
    public = policy(allow("s3:GetObject", on=f"{BUCKET}/*", Principal="*"))
    for principal in (WORKER, service("events.amazonaws.com"), ANONYMOUS):
        assert outcome(request("s3:GetObject", f"{BUCKET}/a", by=principal), resource=(public,)) is ALLOWED


def test_not_principal_denies_all_others() -> None:
    # "AWS JSON policy elements: NotPrincipal".
    written = policy(deny("s3:*", NotPrincipal={"AWS": [f"arn:aws:iam::{ACCOUNT}:root", WORKER.name]}))
    assert outcome(request("s3:GetObject", f"{BUCKET}/a"), allow("s3:*"), resource=(written,)) is ALLOWED
    stranger = request("s3:GetObject", f"{BUCKET}/a", by=STRANGER)
    assert outcome(stranger, allow("s3:*"), resource=(written,)) is DENIED


def test_not_principal_excepts_an_identity_only_by_its_own_name() -> None:
    root = f"arn:aws:iam::{ACCOUNT}:root"

    def without(*names: str) -> Outcome:
        written = policy(deny("s3:*", NotPrincipal={"AWS": list(names)}))
        return outcome(request("s3:GetObject", f"{BUCKET}/a"), allow("s3:*"), resource=(written,))

    assert without(root) is DENIED
    assert without(root, STRANGER.name) is DENIED
    # Without the account, the role may be denied as a part of it.
    assert without(WORKER.name) is UNKNOWN


def test_a_session_is_named_by_its_own_arn() -> None:
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/task"
    named = policy(allow("sns:Publish", on=TOPIC, Principal={"AWS": session}))
    assert outcome(request("sns:Publish", TOPIC), resource=(named,)) is UNKNOWN


def test_a_decision_that_depends_on_an_unknown_value_is_unknown_and_never_allowed() -> None:
    on_condition = {"Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}}
    asked = request("sns:Publish", TOPIC)
    assert outcome(asked, allow("sns:Publish", **on_condition)) is UNKNOWN
    assert outcome(asked, allow("sns:Publish"), deny("sns:Publish", **on_condition)) is UNKNOWN
    assert outcome(asked, deny("sns:Publish", **on_condition)) is NOT_ALLOWED
    assert outcome(asked, allow("sns:Publish", **on_condition), deny("sns:*")) is DENIED
    assert outcome(request("sns:Publish", None), allow("sns:Publish", on=TOPIC)) is UNKNOWN
    assert outcome(request("sns:Publish", None), allow("sns:Publish")) is ALLOWED
    assert outcome(asked, are_identity_complete=False) is UNKNOWN


def test_a_resource_that_is_partly_known_is_compared_as_far_as_it_is_known() -> None:
    partly = f"arn:aws:sns:us-east-1:{ACCOUNT}:pipeline-*"
    for pattern, expected in (
        ("*", ALLOWED),
        (partly, ALLOWED),
        (f"arn:aws:sns:*:{ACCOUNT}:*", ALLOWED),
        (f"arn:aws:sns:us-east-1:{ACCOUNT}:pipeline-news", UNKNOWN),
        (f"arn:aws:sns:us-east-1:{ACCOUNT}:other-*", NOT_ALLOWED),
        (f"arn:aws:sns:us-east-1:{ACCOUNT}:pipeline", NOT_ALLOWED),
        (f"arn:aws:sns:eu-west-1:{ACCOUNT}:pipeline-*", NOT_ALLOWED),
    ):
        assert outcome(request("sns:Publish", partly), allow("sns:Publish", on=pattern)) is expected, pattern


def test_a_decision_names_the_missing_or_the_denying_policy_as_its_reason() -> None:
    asked = request("sns:Publish", TOPIC)
    boundary = policy(allow("s3:*"), name="boundary")
    cases = (
        (Policies(), "no policy of the role allows it"),
        (
            Policies(identity=(policy(allow("*")),), boundary=boundary),
            "the role's permissions boundary does not allow it",
        ),
        (Policies(identity=(policy(deny("*"), name="worker-deny"),)), "worker-deny denies it"),
        (
            Policies(identity=(policy(allow("*")),), needs_resource_policy=True),
            "no policy of the resource allows it to the role or to its account",
        ),
    )
    for policies, reason in cases:
        assert evaluate(asked, policies).reason == reason
    by_service = request("sns:Publish", TOPIC, by=service("events.amazonaws.com"))
    assert evaluate(by_service, Policies()).reason == (
        "no policy of the resource allows it to events.amazonaws.com"
    )


@pytest.mark.parametrize(
    ("named", "given", "expected"),
    [
        ("states.amazonaws.com", "states.amazonaws.com", Outcome.ALLOWED),
        ("states.eu-west-1.amazonaws.com", "states.amazonaws.com", Outcome.UNKNOWN),
        ("logs.amazonaws.com", "logs.cn-north-1.amazonaws.com.cn", Outcome.UNKNOWN),
        ("logs.us-east-1.amazonaws.com", "logs.eu-west-1.amazonaws.com", Outcome.NOT_ALLOWED),
        ("lambda.amazonaws.com", "states.amazonaws.com", Outcome.NOT_ALLOWED),
    ],
)
def test_a_service_may_be_named_with_its_region(named: str, given: str, expected: Outcome) -> None:
    trust = policy(allow("sns:Publish", Principal={"Service": named}))
    asked = request("sns:Publish", TOPIC, by=service(given))
    assert evaluate(asked, Policies(resource=(trust,))).outcome is expected
