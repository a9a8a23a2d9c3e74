from typing import Any

import pytest

from guardrails.iam.document import PolicyError, parse
from guardrails.iam.match import Match
from tests.policies.iam.requests import allow, policy, request

NO, MAYBE, YES = Match


def held(condition: dict[str, Any], **context: Any) -> Match:
    statement = policy(allow("s3:GetObject", Condition=condition)).statements[0]
    return statement.holds(request("s3:GetObject", "arn:aws:s3:::a/b", context=context))


# Source: "IAM JSON policy elements: Condition operators", and "Conditions with multiple context keys or values".
CASES: list[tuple[str, Any, Any, Match]] = [
    # operator, values of the policy, values of the request (an empty list: absent, None: not known), expected
    ("StringEquals", "a", "a", YES),
    ("StringEquals", "a", "A", NO),
    ("StringEquals", ["a", "b"], "b", YES),
    ("StringEquals", "a", [], NO),
    ("StringEquals", "a", None, MAYBE),
    ("StringNotEquals", ["a", "b"], "b", NO),
    ("StringNotEquals", ["a", "b"], "c", YES),
    ("StringNotEquals", "a", [], YES),
    ("StringEqualsIgnoreCase", "a", "A", YES),
    ("StringNotEqualsIgnoreCase", "a", "A", NO),
    ("StringLike", "home/*/x?", "home/a/b/xy", YES),
    ("StringLike", "home/*/x?", "home/a/x", NO),
    ("StringNotLike", "home/*", "tmp/a", YES),
    ("StringEquals", "home/*", "home/a", NO),
    ("stringequals", "a", "a", YES),
    ("StringEqualsIfExists", "a", [], YES),
    ("StringEqualsIfExists", "a", "b", NO),
    ("NumericLessThanEquals", "10", "10", YES),
    ("NumericLessThan", "10", "9.5", YES),
    ("NumericGreaterThan", "10", "9", NO),
    ("NumericEquals", "10", "ten", NO),
    ("NumericNotEquals", "10", "11", YES),
    ("DateGreaterThan", "2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z", YES),
    ("DateLessThan", "2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z", NO),
    ("DateLessThan", "1767225600", "2025-12-31T00:00:00Z", YES),
    ("Bool", "true", "true", YES),
    ("Bool", True, "true", YES),
    ("Bool", "false", "true", NO),
    ("Bool", "false", [], NO),
    ("IpAddress", "203.0.113.0/24", "203.0.113.9", YES),
    ("IpAddress", "203.0.113.0/24", "203.0.114.9", NO),
    ("NotIpAddress", "203.0.113.0/24", "203.0.114.9", YES),
    ("IpAddress", "2001:db8::/32", "2001:db8::1", YES),
    ("ArnEquals", "arn:aws:sns:*:111122223333:news", "arn:aws:sns:us-east-1:111122223333:news", YES),
    ("ArnLike", "arn:aws:sns:*:111122223333:n*", "arn:aws:sns:us-east-1:444455556666:news", NO),
    ("ArnNotLike", "arn:aws:sns:*:111122223333:*", "arn:aws:sns:us-east-1:444455556666:news", YES),
    ("Null", "true", [], YES),
    ("Null", "true", "a", NO),
    ("Null", "false", "a", YES),
    ("Null", "false", [], NO),
    ("Null", "true", None, MAYBE),
    ("ForAllValues:StringEquals", ["a", "b"], ["a"], YES),
    ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], NO),
    ("ForAllValues:StringEquals", ["a", "b"], [], YES),
    ("ForAllValues:StringNotEquals", ["a", "b"], ["c", "a"], NO),
    ("ForAnyValue:StringEquals", ["a", "b"], ["c", "a"], YES),
    ("ForAnyValue:StringEquals", ["a", "b"], [], NO),
    ("ForAnyValue:StringEqualsIfExists", ["a", "b"], [], NO),
    ("ForAnyValue:StringNotEquals", ["a", "b"], ["a", "c"], YES),
    ("StringEquals", "a", ["a", "b"], MAYBE),
    ("StringSoundsLike", "a", "a", MAYBE),
    ("ForSomeValues:StringEquals", "a", "a", MAYBE),
]


def test_every_operator_compares_as_documented() -> None:
    for operator, wanted, given, expected in CASES:
        context = {} if given is None else {"s3:prefix": given}
        assert held({operator: {"s3:prefix": wanted}}, **context) is expected, (operator, wanted, given)


def test_all_operators_and_all_keys_must_match() -> None:
    both = {"StringEquals": {"a:x": "1", "a:y": "2"}, "Bool": {"a:z": "true"}}
    known = {"a:x": "1", "a:y": "2", "a:z": "true"}
    assert held(both, **known) is YES
    for key in known:
        assert held(both, **{**known, key: "other"}) is NO
        assert held(both, **{name: value for name, value in known.items() if name != key}) is MAYBE


def test_key_names_ignore_case() -> None:
    assert held({"StringEquals": {"AWS:SourceAccount": "1"}}, **{"aws:sourceaccount": "1"}) is YES


def test_keys_of_the_principal_follow_from_it() -> None:
    assert held({"StringEquals": {"aws:PrincipalAccount": "111122223333"}}) is YES
    assert held({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/worker"}}) is YES
    assert held({"Bool": {"aws:PrincipalIsAWSService": "false"}}) is YES


def test_variables_are_replaced_with_the_request_s_values() -> None:
    own = {"StringLike": {"s3:prefix": "home/${aws:username}/*"}}
    assert held(own, **{"s3:prefix": "home/ann/a", "aws:username": "ann"}) is YES
    assert held(own, **{"s3:prefix": "home/bob/a", "aws:username": "ann"}) is NO
    assert held(own, **{"s3:prefix": "home/ann/a"}) is MAYBE
    default = {"StringEquals": {"s3:prefix": "${aws:PrincipalTag/team, 'none'}"}}
    assert held(default, **{"s3:prefix": "none", "aws:PrincipalTag/team": []}) is YES


def test_variables_that_are_no_variables_grant_nothing() -> None:
    own = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/${aws:PrincipalAccount}"}
    asked = request("s3:GetObject", "arn:aws:s3:::a/111122223333")
    for version, expected in (("2012-10-17", YES), ("2008-10-17", MAYBE), (None, MAYBE)):
        document = {"Statement": [own], **({"Version": version} if version else {})}
        assert parse("policy", document).statements[0].applies(asked) is expected, version
    without = {**own, "Resource": "arn:aws:s3:::a/*"}
    assert parse("policy", {"Statement": without}).statements[0].applies(asked) is YES
    # A tag whose value is a wildcard must not open every prefix.
    tag = policy(allow("s3:GetObject", on="arn:aws:s3:::a/${aws:PrincipalTag/team}")).statements[0]
    for value, expected in (("111122223333", YES), ("*", MAYBE), ("other", NO)):
        tagged = request(
            "s3:GetObject", "arn:aws:s3:::a/111122223333", context={"aws:PrincipalTag/team": value}
        )
        assert tag.applies(tagged) is expected, value


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ({"Effect": "allow", "Action": "*", "Resource": "*"}, "write Allow or Deny"),
        ({"Effect": "Allow", "Resource": "*"}, "neither Action nor NotAction"),
        ({"Effect": "Allow", "Action": "*", "NotAction": "*", "Resource": "*"}, "both Action and NotAction"),
        ({"Effect": "Allow", "Action": 5, "Resource": "*"}, "Action that is not text"),
        ({"Effect": "Allow", "Actions": "*", "Resource": "*"}, "Actions, which is no key"),
        ({"Effect": "Allow", "Action": "*", "Principal": 5}, "Principal that is neither"),
        ({"Effect": "Allow", "Action": "*", "Condition": ["x"]}, "no object of operators"),
        ("Allow", "not an object"),
    ],
)
def test_a_document_that_aws_refuses_is_an_error(statement: Any, words: str) -> None:
    with pytest.raises(PolicyError, match=words):
        parse("policy", {"Statement": [statement]})


@pytest.mark.parametrize("operator", ["ArnLike", "ArnEquals", "StringEquals", "StringLike"])
def test_a_part_of_the_requests_value_that_is_not_known_may_match(operator: str) -> None:
    wanted = {operator: {"aws:SourceArn": "arn:aws:events:eu-west-1:111122223333:rule/stopped"}}
    assert held(wanted, **{"aws:SourceArn": "arn:*:events:*:*:rule/stopped"}) is MAYBE
    assert held(wanted, **{"aws:SourceArn": "arn:*:events:*:*:rule/uploaded"}) is NO


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("StringEquals", NO),
        ("StringEqualsIgnoreCase", NO),
        ("StringNotEquals", YES),
        ("StringLike", MAYBE),
        ("ArnEquals", MAYBE),
    ],
)
def test_a_wildcard_is_plain_text_for_the_operators_without_patterns(operator: str, expected: Match) -> None:
    wanted = {operator: {"aws:SourceArn": "arn:aws:events:eu-west-1:111122223333:rule/*"}}
    assert held(wanted, **{"aws:SourceArn": "arn:*:events:*:*:rule/stopped"}) is expected


@pytest.mark.parametrize("end", ["${}", "${", "${}${aws:PrincipalAccount}"])
def test_a_variable_without_a_name_grants_nothing(end: str) -> None:
    (statement,) = policy(allow("s3:GetObject", on=f"arn:aws:s3:::a/{end}")).statements
    assert statement.applies(request("s3:GetObject", "arn:aws:s3:::a/b")) is not YES
