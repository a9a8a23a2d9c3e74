import json
from typing import Any

import pytest

from guardrails.preview.preview_result import CANNOT_RUN, Preview, Verdict, as_json, doubts
from tests.policies.preview.previews import (
    ADVISED,
    BOUNDED,
    FAILED,
    LOGGED,
    PASSED,
    REFUSED,
    report,
    rule,
    violation,
)


@pytest.mark.parametrize(
    ("preview", "verdict"),
    [
        (PASSED, Verdict.PASSED),
        (ADVISED, Verdict.PASSED),
        (REFUSED, Verdict.REFUSED),
        (FAILED, Verdict.FAILED),
        (Preview(stack="dev", violations=REFUSED.violations, errors=["and more"]), Verdict.REFUSED),
        (Preview(stack="dev", violations=ADVISED.violations, errors=["and more"]), Verdict.FAILED),
    ],
)
def test_only_mandatory_violations_refuse_a_stack(preview: Preview, verdict: Verdict) -> None:
    assert preview.verdict == verdict


def test_a_level_that_is_not_known_stops_a_deployment() -> None:
    assert violation("bounded", BOUNDED, "warning").is_mandatory


@pytest.mark.parametrize("preview", [PASSED, ADVISED, REFUSED])
def test_an_engine_and_a_pack_that_agree_leave_no_doubt(preview: Preview) -> None:
    assert doubts(preview.violations, preview.report) == []


def test_a_pack_without_a_report_is_reported() -> None:
    (doubt,) = doubts([], {})
    assert "no report" in doubt


def test_a_rule_that_the_sdk_gave_up_is_reported_although_it_is_an_advisory() -> None:
    given_up = violation("bounded", f"{CANNOT_RUN} 'bounded' during preview", "advisory")
    (doubt,) = doubts([given_up], report(rule("bounded")))
    assert doubt.startswith("bounded did not run")


def test_each_violation_that_the_engine_did_not_report_is_reported() -> None:
    found = doubts([violation("logged", LOGGED)], report(rule("logged", breaches=(LOGGED, BOUNDED, "more"))))
    assert [doubt.partition(": ")[2] for doubt in found] == [BOUNDED, "more"]
    assert all("the engine did not report" in doubt for doubt in found)


def test_a_violation_of_a_rule_that_reports_none_is_reported() -> None:
    (doubt,) = doubts([violation("logged", LOGGED)], report(rule("logged")))
    assert "the engine reported a violation that" in doubt


def test_mistakes_in_limits_stand_beside_the_breaches_of_their_rule() -> None:
    violations = [violation("logged", "maxDays is 0, below 1; write 1 or more."), violation("logged", LOGGED)]
    assert doubts(violations, report(rule("logged", breaches=(LOGGED,)))) == []


def test_json_holds_the_verdict_the_violations_and_the_report() -> None:
    told: dict[str, Any] = json.loads(json.dumps(as_json(REFUSED)))
    assert list(told) == [
        "stack",
        "verdict",
        "errors",
        "violations",
        "resources",
        "limits",
        "limits_file",
        "rules",
        "deferred",
        "exemptions",
        "machines",
        "cost",
    ]
    assert told["verdict"] == "refused"
    assert told["violations"][1] == {
        "rule": "bounded",
        "level": "mandatory",
        "urn": "urn:pulumi:dev::p::t::weekly",
        "message": BOUNDED,
    }


def test_the_json_of_a_failed_preview_has_its_errors_and_no_rules() -> None:
    assert as_json(FAILED)["errors"] == FAILED.errors
    assert "rules" not in as_json(FAILED)
