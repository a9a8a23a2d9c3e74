import json
from collections import Counter

import pytest

from components.machines.errors import COULD_NOT_START, RETRY_MATRIX, WAS_LOST, RetryPolicy, errors_of
from tests.stacks import ENVIRONMENTS, ROOT
from worker.errors import ErrorName


def test_each_error_has_one_remedy() -> None:
    counted = Counter(error for kind in RETRY_MATRIX for error in kind.errors)
    assert [error for error, times in counted.items() if times > 1] == []


def test_every_error_that_a_worker_reports_has_its_place() -> None:
    errors = {error for kind in RETRY_MATRIX for error in kind.errors}
    assert {error for error in errors if error.startswith("Worker.")} == {str(name) for name in ErrorName}


@pytest.mark.parametrize("what", ["wrong input", "no access", "no results", "wrong image"])
def test_an_error_that_a_retry_cannot_resolve_is_not_retried(what: str) -> None:
    (kind,) = (kind for kind in RETRY_MATRIX if kind.what == what)
    assert kind.policy is RetryPolicy.NONE
    assert not set(kind.errors) & {*COULD_NOT_START, *WAS_LOST}


def test_the_retriers_name_exactly_the_errors_of_the_retry_matrix() -> None:
    assert {*COULD_NOT_START, *WAS_LOST, *errors_of(RetryPolicy.NONE)} == {
        error for kind in RETRY_MATRIX for error in kind.errors
    }


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_guardrails_list_the_errors_that_no_retry_resolves(environment: str) -> None:
    limits = json.loads((ROOT / "policies" / "limits" / "ccapi" / f"{environment}.json").read_text())
    assert set(limits["task-retries-what-passes"]["permanentErrors"]) == {*errors_of(RetryPolicy.NONE)}
