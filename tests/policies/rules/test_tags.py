import json
from typing import Any

import pytest

from guardrails.aws.types import QUEUE, ROLE, STATE_MACHINE
from guardrails.plan import UNKNOWN, Unknown
from guardrails.results import Outcome
from guardrails.rules.tags import BILLED_FOR
from tests.policies.plans import passes, resource, rule, said, violations

TAGS = rule("tags-required")
BOTH = {"Project": "forests", "Environment": "prod"}
REQUIRED = {"requiredTags": list(BOTH)}


def provider(**tags: str) -> dict[str, str]:
    return {"region": "us-east-1", "defaultTags": json.dumps({"tags": tags})}


@pytest.mark.parametrize(
    ("own", "default"),
    [
        (BOTH, {}),
        (None, BOTH),
        ({"Project": "forests"}, {"Environment": "prod"}),
        ({"Project": UNKNOWN, "Environment": UNKNOWN}, {}),
        ({"Name": "q"}, BOTH),
        (BOTH, BOTH),
    ],
)
def test_tags_of_its_own_and_of_the_provider_count_together(own: Any, default: dict[str, str]) -> None:
    assert passes(TAGS, resource(QUEUE, provider=provider(**default), tags=own), **REQUIRED)


@pytest.mark.parametrize("billed", BILLED_FOR)
def test_a_billed_resource_without_tags_is_refused(billed: str) -> None:
    project, environment = violations(TAGS, resource(billed, "mine"), **REQUIRED)
    assert project.startswith("mine: the tag Project is missing")
    assert environment.startswith("mine: the tag Environment is missing")
    assert all(BILLED_FOR[billed] in told and "defaultTags" in told for told in (project, environment))


@pytest.mark.parametrize(
    "empty", [{}, {"Environment": ""}, {"Environment": None}, {"environment": "prod"}, [], "x"]
)
def test_a_tag_without_a_value_or_of_another_case_is_missing(empty: Any) -> None:
    tags = {"Project": "forests", **empty} if isinstance(empty, dict) else empty
    told = violations(TAGS, resource(QUEUE, provider=provider(Project="forests"), tags=tags), **REQUIRED)
    assert [violation.split()[3] for violation in told] == ["Environment"]


def test_tags_that_are_not_known_at_all_are_refused() -> None:
    (told,) = violations(TAGS, resource(QUEUE, tags=UNKNOWN), **REQUIRED)
    assert "tags is not known" in told


@pytest.mark.parametrize(
    ("default_tags", "told"), [(UNKNOWN, "defaultTags is not known"), ("{", "defaultTags is not JSON")]
)
def test_default_tags_that_cannot_be_read_are_refused(default_tags: str | Unknown, told: str) -> None:
    queue = resource(QUEUE, provider={"defaultTags": default_tags}, tags=BOTH)
    (violation,) = violations(TAGS, queue, **REQUIRED)
    assert told in violation


@pytest.mark.parametrize("default_tags", ["null", "[]", "{}", '{"tags": null}', '{"tags": ["Project"]}', "3"])
def test_default_tags_of_another_shape_are_none(default_tags: str) -> None:
    assert len(violations(TAGS, resource(QUEUE, provider={"defaultTags": default_tags}), **REQUIRED)) == 2


def test_a_stack_may_require_other_tags_of_any_name() -> None:
    asked = ["cost.centre", "Owner"]
    queue = resource(QUEUE, tags={"cost.centre": "4711"})
    (told,) = violations(TAGS, queue, requiredTags=asked)
    assert told.startswith("it: the tag Owner is missing")


def test_a_message_holds_no_tags_value() -> None:
    (told,) = violations(TAGS, resource(STATE_MACHINE, tags={"Project": "secret-project"}), **REQUIRED)
    assert "secret-project" not in told


def test_a_free_type_needs_no_tags() -> None:
    assert ROLE not in TAGS.resource_types


@pytest.mark.parametrize("tags", [None, UNKNOWN, {}])
def test_no_tag_is_required_by_default(tags: Any) -> None:
    found = said(TAGS, resource(QUEUE, tags=tags))
    assert (found.outcome, found.reason) == (Outcome.NOT_APPLICABLE, "the limits require no tags")
