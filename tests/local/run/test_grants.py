"""Every grant of the stack's policies is needed by a request of a kept stack, or is an exception with a reason."""

import json
import subprocess
from collections.abc import Iterator

import pytest

from docs.security_page import GRANTS, Grant, exceptions, grants, read_grants
from local.run import authorization
from local.run.refused import read_refused
from tests.local.run.conftest import Checkout
from tests.local.run.kept import Kept
from tests.local.run.scenarios import Scenarios
from tests.stacks import REGION_NAMES

# A role's policy, the action that is taken away, and the words of the run that fails.
TAKEN_AWAY = [
    ("ccapi-worker-local", "states:SendTaskSuccess"),
    ("ccapi-step-functions-local", "ecs:RunTask"),
    ("ccapi-worker-start-local", "ecr:BatchGetImage"),
]


@pytest.fixture(scope="module")
def kept(shared_checkout: Checkout) -> Iterator[Kept]:
    finished = shared_checkout.run("--regions", "3", "--fail-region", REGION_NAMES[0], "--keep")
    try:
        assert finished.returncode == 3, finished.stdout + finished.stderr
        yield Kept(shared_checkout)
    finally:
        subprocess.run(shared_checkout.command("stop"), cwd=shared_checkout.path, check=True)


@pytest.fixture(scope="module")
def played(kept: Kept) -> list[Grant]:
    """Return the grants after all scenarios."""
    *scenarios, last = Scenarios(kept).all()
    for scenario in scenarios:
        scenario()
    # The last one deletes resources, and with them their policies.
    before = list(_grants(kept))
    last()
    found = {_key(grant): grant for grant in (*before, *_grants(kept))}
    return [found[key] for key in sorted(found)]


def _key(grant: Grant) -> tuple[str, int, str, str]:
    return (grant.policy, grant.statement, grant.action, grant.resource)


def _grants(kept: Kept) -> Iterator[Grant]:
    return read_grants(authorization.read_grants(kept.aws))


def test_without_a_grant_a_run_fails_and_names_the_permission(kept: Kept) -> None:
    iam, scenarios = kept.client("iam"), Scenarios(kept)
    for role, action in TAKEN_AWAY:
        document = iam.get_role_policy(RoleName=role, PolicyName=role)["PolicyDocument"]
        rest = json.loads(json.dumps(document))
        for statement in rest["Statement"]:
            statement["Action"] = [each for each in statement["Action"] if each != action]
        rest["Statement"] = [statement for statement in rest["Statement"] if statement["Action"]]
        iam.put_role_policy(RoleName=role, PolicyName=role, PolicyDocument=json.dumps(rest))
        try:
            ended = scenarios.run({"regions_count": 1})
        finally:
            iam.put_role_policy(RoleName=role, PolicyName=role, PolicyDocument=json.dumps(document))
        assert ended["status"] == "FAILED", (role, action)
        denied = [each for each in read_refused(kept.aws) if each.action == action]
        assert denied, (role, action)
        assert f"{role} needs {action} on " in str(denied[0])


@pytest.mark.usefixtures("played")
def test_no_request_of_the_scenarios_is_denied_or_undecided(kept: Kept) -> None:
    taken = {action for _, action in TAKEN_AWAY}
    assert [each for each in read_refused(kept.aws) if each.action not in taken] == []
    # An operation that is not in the table of needs has no known resource.
    assert [each for each in kept.aws.admin("GET", "authorization") if not each["resource"]] == []


def test_each_grant_is_needed_or_an_exception_and_no_exception_is_stale(played: list[Grant]) -> None:
    listed = [(grant, each) for grant in played for each in exceptions() if each.covers(grant)]
    excepted = [grant for grant, _ in listed]
    assert [grant for grant in played if not grant.needed_by and grant not in excepted] == []
    assert [grant for grant, each in listed if grant.needed_by and not each.may_be_needed] == []
    assert [each for each in exceptions() if not any(each.covers(grant) for grant in played)] == []


def test_the_page_lists_these_grants(played: list[Grant], update_golden: bool) -> None:
    if update_golden:
        GRANTS.write_text(json.dumps([vars(grant) for grant in played], indent=2) + "\n", encoding="utf-8")
    in_time = {
        _key(grant) for grant in played for each in exceptions() if each.may_be_needed and each.covers(grant)
    }
    known, found = ({_key(grant): bool(grant.needed_by) for grant in listed} for listed in (grants(), played))
    assert known.keys() == found.keys()
    assert {key for key in known if known[key] != found[key]} <= in_time
