"""The rules called through Pulumi's policy SDK, with the SDK's own arguments."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import (
    EnforcementLevel,
    PolicyCustomTimeouts,
    PolicyProviderResource,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.policy import _NotApplicableError, _PolicyAnalyzerServicer
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, unknown_checking_proxy

from guardrails.aws.types import QUEUE, STACK, STATE_MACHINE
from guardrails.limits import LimitsError
from guardrails.limits_source import LIMITS
from guardrails.pack import guardrails, initial_config, policies
from guardrails.pack_configuration import refuse_unknown_rules
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.properties import read_number, read_text
from guardrails.report import REPORT
from guardrails.results import Outcome, Results, UnknownProperty
from guardrails.rule import Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject
from guardrails.rules import RULES
from guardrails.rules.coverage import coverage_rule
from tests.stacks import ROOT

COMPONENT = "anything:index:Component"
SECRET = "sk-live-4711"
OPTIONS = PolicyResourceOptions(False, [], None, [], PolicyCustomTimeouts(0, 0, 0), [])


def a_rule(judge: Callable[[Subject], Iterator[str]], scope: Scope = Scope.RESOURCE, **facts: Any) -> Rule:
    return Rule(
        **{
            "name": "queue-short",
            "requirement": "A queue is short.",
            "rationale": "It does not matter here.",
            "severity": Severity.LOW,
            "level": Level.MANDATORY,
            "remediation": "Make it short.",
            "url": "https://docs.aws.amazon.com/",
            "scope": scope,
            "resource_types": frozenset({QUEUE}),
            "evaluate": judge,
            **facts,
        }
    )


def urn_of(type_: str, name: str) -> str:
    return f"urn:pulumi:dev::anything::{type_}::{name}"


def resource_args(
    type_: str = QUEUE,
    name: str = "mine",
    properties: Mapping[str, Any] | None = None,
    *,
    config: Mapping[str, Any] | None = None,
    parent: str | None = None,
    provider: Mapping[str, Any] | None = None,
) -> ResourceValidationArgs:
    options = PolicyResourceOptions(False, [], None, [], PolicyCustomTimeouts(0, 0, 0), [], parent)
    of_provider = PolicyProviderResource(
        "pulumi:providers:aws", unknown_checking_proxy(dict(provider or {})), "urn", "aws"
    )
    props = unknown_checking_proxy(dict(properties or {}))
    return ResourceValidationArgs(type_, props, urn_of(type_, name), name, options, of_provider, config)


def stack_resource(
    type_: str = QUEUE,
    name: str = "mine",
    properties: Mapping[str, Any] | None = None,
    *,
    parent: PolicyResource | None = None,
    sources: Mapping[str, list[PolicyResource]] | None = None,
) -> PolicyResource:
    props = unknown_checking_proxy(dict(properties or {}))
    return PolicyResource(
        type_, props, urn_of(type_, name), name, OPTIONS, None, parent, [], dict(sources or {})
    )


class Reported(list[tuple[str, str | None]]):
    """The reports of a policy: each message with its URN."""

    def __call__(self, message: str, urn: str | None = None) -> None:
        self.append((message, urn))

    @property
    def messages(self) -> list[str]:
        return [message for message, _ in self]


def asked(
    rules: Sequence[Rule], about: ResourceValidationArgs | StackValidationArgs, results: Results | None = None
) -> Reported:
    """Evaluate all rules of one scope as the analyzer does."""
    reported = Reported()
    kind = ResourceValidationPolicy if isinstance(about, ResourceValidationArgs) else StackValidationPolicy
    for policy in policies(rules, Results() if results is None else results):
        if isinstance(policy, kind):
            try:
                policy.validate(about, reported)  # type: ignore[arg-type]
            except _NotApplicableError:
                continue
    return reported


def too_long(subject: Subject) -> Iterator[str]:
    """Evaluate one property against one limit, as rules do."""
    length = read_number(subject.resource, "length") or 0
    if length > subject.limits["maxLength"]:
        yield f"is {length:g} long, more than {subject.limits['maxLength']}; lower length or raise maxLength."


MAX_LENGTH = Limit(
    key="maxLength", description="The longest.", default=3, schema={"type": "integer", "minimum": 1}
)
SHORT = a_rule(too_long, limits=(MAX_LENGTH,))
SHORT_IN_STACK = a_rule(too_long, Scope.STACK, limits=(MAX_LENGTH,))


@pytest.mark.parametrize(("length", "told"), [(2, []), (3, []), (4, ["is 4 long, more than 3"])])
def test_a_breach_is_reported_with_the_resource_that_it_is_about(length: int, told: list[str]) -> None:
    for found in (
        asked([SHORT], resource_args(properties={"length": length})),
        asked([SHORT_IN_STACK], StackValidationArgs([stack_resource(properties={"length": length})])),
    ):
        assert [message.partition(": ")[2].partition(";")[0] for message in found.messages] == told
        assert {urn for _, urn in found} <= {urn_of(QUEUE, "mine")}


def test_an_unknown_property_defers_the_rule_and_is_no_exception() -> None:
    properties, results = {"length": UNKNOWN_STRING_VALUE}, Results()
    assert asked([SHORT], resource_args(properties=properties), results) == []
    assert asked([SHORT_IN_STACK], StackValidationArgs([stack_resource(properties=properties)])) == []
    assert results.deferred() == {UnknownProperty(urn_of(QUEUE, "mine"), "length"): [SHORT.name]}


def test_a_deferred_rule_refuses_the_resource_at_the_update_before_it_is_created() -> None:
    results = Results()
    assert asked([SHORT], resource_args(properties={"length": UNKNOWN_STRING_VALUE}), results) == []
    (told,) = asked([SHORT], resource_args(properties={"length": 9}), results).messages
    assert "is 9 long" in told
    assert results.deferred() == {}


def test_an_unknown_property_of_one_resource_does_not_stop_the_rule_for_others() -> None:
    resources = [
        stack_resource(name="a", properties={"length": UNKNOWN_STRING_VALUE}),
        stack_resource(name="b", properties={"length": 9}),
    ]
    found = asked([SHORT_IN_STACK], StackValidationArgs(resources))
    assert [message[0] for message in found.messages] == ["b"]


@pytest.mark.parametrize("where", [{"deep": [{"a": UNKNOWN_STRING_VALUE}]}, {"deep": [UNKNOWN_STRING_VALUE]}])
def test_an_unknown_value_is_found_at_any_depth(where: Mapping[str, Any]) -> None:
    def deep(subject: Subject) -> Iterator[str]:
        yield read_text(subject.resource, "deep") or ""

    results = Results()
    assert asked([a_rule(deep)], resource_args(properties=where), results) == []
    assert [unknown.path for unknown in results.deferred()] == ["deep"]


def test_a_rule_that_breaks_is_a_breach_without_the_exceptions_words() -> None:
    def broken(subject: Subject) -> Iterator[str]:
        yield "the first violation."
        raise LookupError(subject.resource.properties["password"])

    for found in (
        asked([a_rule(broken)], resource_args(properties={"password": SECRET})),
        asked(
            [a_rule(broken, Scope.STACK)],
            StackValidationArgs([stack_resource(properties={"password": SECRET})]),
        ),
    ):
        first, told = found.messages
        assert first == "mine: the first violation."
        assert re.match(r"mine: the rule failed \(LookupError in test_pack\.py:\d+\)", told)
        assert SECRET not in told


def test_a_rule_that_breaks_does_not_take_the_others_with_it() -> None:
    def broken(_: Subject) -> Iterator[str]:
        raise ZeroDivisionError
        yield

    rules = [a_rule(broken, name="queue-broken"), SHORT]
    assert len(asked(rules, resource_args(properties={"length": 9})).messages) == 2


@pytest.mark.parametrize("scope", Scope)
def test_not_applicable_is_not_a_violation_and_is_recorded_with_its_reason(scope: Scope) -> None:
    def not_ours(_: Subject) -> Iterator[str]:
        raise NotApplicableError("it is not ours")
        yield

    results = Results()
    about = resource_args() if scope is Scope.RESOURCE else StackValidationArgs([stack_resource()])
    assert asked([a_rule(not_ours, scope)], about, results) == []
    (found,) = results.of_rule("queue-short")
    assert (found.outcome, found.reason) == (Outcome.NOT_APPLICABLE, "it is not ours")


def test_the_reason_reaches_pulumi() -> None:
    def not_ours(_: Subject) -> Iterator[str]:
        raise NotApplicableError("it is not ours")
        yield

    (policy,) = policies([a_rule(not_ours)], Results())
    assert isinstance(policy, ResourceValidationPolicy)
    with pytest.raises(_NotApplicableError) as raised:
        policy.validate(resource_args(), Reported())
    assert raised.value.reason == "it is not ours"


def test_a_resource_of_another_type_is_not_evaluated() -> None:
    results = Results()
    assert asked([SHORT], resource_args("aws:sns/topic:Topic"), results) == []
    stack = StackValidationArgs([stack_resource("aws:sns/topic:Topic")])
    assert asked([SHORT_IN_STACK], stack, results) == []
    assert results.evaluations == {}


@pytest.mark.parametrize("longest", [4.0, 4])
def test_a_limit_of_the_stack_replaces_the_default(longest: float) -> None:
    config = {"maxLength": longest}
    assert not asked([SHORT], resource_args(properties={"length": 4}, config=config))
    (told,) = asked([SHORT], resource_args(properties={"length": 5}, config=config)).messages
    assert "more than 4;" in told


@pytest.mark.parametrize("rule", [SHORT, SHORT_IN_STACK])
@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"maxLength": 0.0}, "maxLength is 0, below 1; write 1 or more."),
        ({"maxLength": "four"}, 'maxLength is "four", no whole number; write one.'),
        ({"maxLengths": 4.0}, "maxLengths is not known; the nearest name is maxLength."),
    ],
)
def test_a_wrong_limit_is_a_breach(rule: Rule, config: Mapping[str, Any], told: str) -> None:
    about = (
        resource_args(config=config)
        if rule.scope is Scope.RESOURCE
        else StackValidationArgs([stack_resource()], config)
    )
    assert told in asked([rule], about).messages


@pytest.mark.parametrize("scope", Scope)
def test_a_rule_is_evaluated_with_the_default_in_place_of_a_wrong_limit(scope: Scope) -> None:
    config, properties = {"maxLength": "four"}, {"length": 4}
    about = (
        resource_args(properties=properties, config=config)
        if scope is Scope.RESOURCE
        else StackValidationArgs([stack_resource(properties=properties)], config)
    )
    told = asked([SHORT if scope is Scope.RESOURCE else SHORT_IN_STACK], about).messages
    assert [message.partition(";")[0] for message in told] == [
        'maxLength is "four", no whole number',
        "mine: is 4 long, more than 3",
    ]


def test_a_wrong_limit_of_a_rule_about_a_stack_is_reported_once() -> None:
    resources = [stack_resource(name="a"), stack_resource(name="b")]
    assert len(asked([SHORT_IN_STACK], StackValidationArgs(resources, {"maxLength": 0.0}))) == 1


def test_a_rule_about_one_resource_knows_the_components_above_it() -> None:
    def above(subject: Subject) -> Iterator[str]:
        yield ", ".join(
            f"{one.name} of length {read_number(one, 'length'):g}"
            for one in subject.plan.ancestors(subject.resource)
        )

    results = Results()
    outer = resource_args(COMPONENT, "outer", {"length": 2})
    inner = resource_args(COMPONENT, "inner", {"length": 1}, parent=outer.urn)
    rules = [a_rule(above)]
    assert asked(rules, outer, results) == asked(rules, inner, results) == []
    (told,) = asked(rules, resource_args(parent=inner.urn), results).messages
    assert told == "mine: inner of length 1, outer of length 2"


def test_a_stack_rule_receives_the_parent_and_the_value_sources_of_a_resource() -> None:
    seen: list[Resource] = []

    def look(subject: Subject) -> Iterator[str]:
        seen.append(subject.resource)
        yield from ()

    parent = stack_resource(COMPONENT, "outer")
    key = stack_resource("aws:kms/key:Key", "key")
    queue = stack_resource(properties={}, parent=parent, sources={"kmsMasterKeyId": [key]})
    asked([a_rule(look, Scope.STACK)], StackValidationArgs([parent, key, queue]))
    assert (seen[0].parent, seen[0].sources) == (parent.urn, {"kmsMasterKeyId": (key.urn,)})


def test_rules_that_evaluate_the_same_stack_share_one_plan() -> None:
    seen: list[Plan] = []

    def look(subject: Subject) -> Iterator[str]:
        seen.append(subject.plan)
        yield from ()

    first, second = policies([a_rule(look, Scope.STACK), a_rule(look, Scope.STACK, name="other")], Results())
    assert isinstance(first, StackValidationPolicy)
    assert isinstance(second, StackValidationPolicy)
    for rule, length in ((first, 1), (second, 1), (first, 2), (second, 2)):
        rule.validate(StackValidationArgs([stack_resource(properties={"length": length})]), Reported())
    assert [one.resources[urn_of(QUEUE, "mine")].properties["length"] for one in seen] == [1, 1, 2, 2]
    assert [one is other for one, other in pairwise(seen)] == [True, False, True]


def test_a_stack_whose_components_were_given_something_else_is_another_plan() -> None:
    seen: list[Plan] = []

    def look(subject: Subject) -> Iterator[str]:
        seen.append(subject.plan)
        yield from ()

    results = Results()
    of_resource, of_all = policies([SHORT, a_rule(look, Scope.STACK)], results)
    assert isinstance(of_resource, ResourceValidationPolicy)
    assert isinstance(of_all, StackValidationPolicy)
    outer = stack_resource(COMPONENT, "outer")
    for length in (1, 2):
        with suppress(_NotApplicableError):
            of_resource.validate(resource_args(COMPONENT, "outer", {"length": length}), Reported())
        of_all.validate(StackValidationArgs([outer, stack_resource(parent=outer)]), Reported())
    assert [one.components[outer.urn].properties["length"] for one in seen] == [1, 2]


def test_an_unset_property_that_aws_chooses_is_absent() -> None:
    seen: list[Mapping[str, Any]] = []

    def look(subject: Subject) -> Iterator[str]:
        seen.append(subject.resource.properties)
        yield from ()

    rules, results = [SHORT, a_rule(look, Scope.STACK)], Results()
    asked(rules, resource_args(properties={"policy": UNKNOWN_STRING_VALUE}), results)
    planned = {"policy": UNKNOWN_STRING_VALUE, "tagsAll": UNKNOWN_STRING_VALUE, "visible": 30}
    asked(rules, StackValidationArgs([stack_resource(properties=planned)]), results)
    assert seen == [{"policy": UNKNOWN, "visible": 30}]


def told_of_an_unreadable_machine(levels: Mapping[str, int]) -> list[str]:
    """Return the rules that the SDK evaluates with configured levels."""
    pack = _PolicyAnalyzerServicer("pack", "1", guardrails({})["policies"], EnforcementLevel.ADVISORY)
    configured = {name: analyzer_pb2.PolicyConfig(enforcementLevel=level) for name, level in levels.items()}  # type: ignore[arg-type]
    pack.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=configured), None)  # type: ignore[no-untyped-call]
    asked_about = analyzer_pb2.AnalyzeRequest(
        type=STATE_MACHINE, urn=urn_of(STATE_MACHINE, "weekly"), name="weekly"
    )
    asked_about.properties.update({"definition": "no JSON"})
    answer = pack.Analyze(asked_about, None)  # type: ignore[no-untyped-call]
    return [found.policyName for found in answer.diagnostics]


def test_other_rules_suppress_an_error_only_if_the_reporting_rule_is_mandatory() -> None:
    left = set(told_of_an_unreadable_machine({}))
    assert "machine-states-bounded" in left
    assert "task-attempt-bounded" not in left
    assert set(told_of_an_unreadable_machine({"machine-states-bounded": analyzer_pb2.MANDATORY})) == left
    told = set(told_of_an_unreadable_machine({"machine-states-bounded": analyzer_pb2.ADVISORY}))
    assert {*left, "task-attempt-bounded", "map-concurrency-bounded"} < told
    switched_off = set(told_of_an_unreadable_machine({"machine-states-bounded": analyzer_pb2.DISABLED}))
    assert switched_off == told - {"machine-states-bounded"}


def test_a_rule_of_unknown_level_counts_as_advisory() -> None:
    about = resource_args(STATE_MACHINE, properties={"definition": "no JSON"})
    by_name = {one.name: one for one in guardrails({})["policies"]}
    reported = Reported()
    for name in ("machine-states-bounded", "task-attempt-bounded"):
        by_name[name].validate(about, reported)
    assert len(reported) == 2


def test_the_providers_properties_are_known_and_may_be_unknown() -> None:
    def of_provider(subject: Subject) -> Iterator[str]:
        yield f"{subject.resource.provider}"

    provider = {"region": "us-east-1", "defaultTags": UNKNOWN_STRING_VALUE}
    (told,) = asked([a_rule(of_provider)], resource_args(provider=provider)).messages
    assert told == "mine: {'region': 'us-east-1', 'defaultTags': UNKNOWN}"


def stack_with(*resources: PolicyResource) -> StackValidationArgs:
    return StackValidationArgs([stack_resource(STACK, "anything-dev"), *resources])


def test_a_rule_that_was_never_evaluated_is_reported() -> None:
    rules = [SHORT, coverage_rule([SHORT])]
    (told,) = asked(rules, stack_with(stack_resource())).messages
    assert told.startswith("anything-dev: queue-short was evaluated for 0 of 1 resources")
    assert "not for mine" in told


def test_a_rule_that_was_evaluated_for_everything_is_not_reported() -> None:
    rules, results = [SHORT, coverage_rule([SHORT])], Results()
    asked(rules, resource_args(), results)
    assert asked(rules, stack_with(stack_resource()), results) == []
    (told,) = asked(rules, stack_with(stack_resource(), stack_resource(name="other")), results).messages
    assert "evaluated for 1 of 2 resources, not for other" in told


def test_a_rule_that_the_limits_disable_need_not_be_evaluated() -> None:
    rules = [SHORT, coverage_rule([SHORT])]
    results = Results(disabled=frozenset({SHORT.name}))
    assert asked(rules, stack_with(stack_resource()), results) == []


def test_limits_reach_pulumi_with_their_level() -> None:
    assert initial_config({"a": {"enforcementLevel": "disabled", "maxLength": 4}}) == {
        "a": {"enforcementLevel": EnforcementLevel.DISABLED, "maxLength": 4}
    }


def test_every_fact_of_a_rule_reaches_pulumi() -> None:
    for rule, policy in zip(RULES, policies(RULES, Results()), strict=True):
        assert (policy.name, policy.description, policy.url) == (rule.name, rule.requirement, rule.url)
        assert policy.remediation_steps == rule.remediation
        assert policy.enforcement_level is not None
        assert policy.severity is not None
        assert (policy.enforcement_level.value, policy.severity.value) == (rule.level, rule.severity)
        properties = policy.config_schema.properties if policy.config_schema else {}
        assert {key: value["default"] for key, value in properties.items()} == rule.defaults


def of_stack(stack: str, project: str = "ccapi") -> dict[str, str]:
    """Return the variables that the engine sets for a stack's preview."""
    return {"PULUMI_PROJECT": project, "PULUMI_STACK": stack}


def written(folder: Path, limits: Any) -> dict[str, str]:
    """Write the limits of the stack `ours`, and return the variable that names their folder."""
    file = folder / "ccapi" / "ours.json"
    file.parent.mkdir()
    file.write_text(json.dumps({"version": 1, **limits}), encoding="utf-8")
    return {LIMITS: str(folder)}


def test_the_pack_uses_the_limits_of_the_previewed_stack() -> None:
    dev, prod = (guardrails(of_stack(stack))["initial_config"] for stack in ("dev", "prod"))
    # The SDK treats a configured rule without a level as advisory.
    assert dev["log-retention-set"] == {
        "enforcementLevel": EnforcementLevel.MANDATORY,
        "minRetentionDays": 7,
        "maxRetentionDays": 30,
    }
    assert prod["machine-traced"] == {"enforcementLevel": EnforcementLevel.MANDATORY}
    assert guardrails(of_stack("another"))["initial_config"] == {}
    assert guardrails(of_stack("dev", project="another"))["initial_config"] == {}
    assert guardrails({})["initial_config"] == {}


def test_placeholders_stop_a_deployment_and_not_the_preview_command(tmp_path: Path) -> None:
    deployed = guardrails(of_stack("prod"))
    listed = guardrails({**of_stack("prod"), REPORT: str(tmp_path / "report.json")})
    levels = [
        pack["initial_config"]["placeholders-replaced"]["enforcementLevel"] for pack in (deployed, listed)
    ]
    assert levels == [EnforcementLevel.MANDATORY, EnforcementLevel.ADVISORY]
    # All other levels are the same.
    differing = {
        name
        for name, of_rule in deployed["initial_config"].items()
        if of_rule != listed["initial_config"][name]
    }
    assert differing == {"placeholders-replaced"}


def test_a_rule_that_the_limits_of_the_stack_switch_off_is_not_missed(tmp_path: Path) -> None:
    judging = [rule for rule in RULES[:-1] if rule.resource_types & {QUEUE, STACK}]
    switched_off = {rule.name: {"enforcementLevel": "disabled"} for rule in judging}
    place = written(tmp_path, switched_off)
    reported = Reported()
    for stack in ("another", "ours"):
        last = guardrails({**place, **of_stack(stack)})["policies"][-1]
        last.validate(stack_with(stack_resource()), reported)
    assert len(reported) == len(switched_off)


def test_a_stack_whose_limits_are_wrong_is_not_evaluated_by_others(tmp_path: Path) -> None:
    place = written(tmp_path, {"log-retention": {}})
    with pytest.raises(LimitsError, match="the nearest name is log-retention-set"):
        guardrails({**place, **of_stack("ours")})


def test_the_report_is_written_after_the_last_rule_was_evaluated(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    last = guardrails({REPORT: str(path)})["policies"][-1]
    last.validate(stack_with(), Reported())
    report = json.loads(path.read_text(encoding="utf-8"))
    assert [one["name"] for one in report["rules"]] == [rule.name for rule in RULES]
    assert (report["resources"], report["limits"]) == (1, "defaults")


def test_the_report_names_the_limits_of_the_stack(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    last = guardrails({REPORT: str(path), **of_stack("dev")})["policies"][-1]
    last.validate(stack_with(), Reported())
    report = json.loads(path.read_text(encoding="utf-8"))
    assert report["limits"] == "ccapi/dev.json"
    assert Path(report["limits_file"]) == ROOT / "policies" / "limits" / "ccapi" / "dev.json"


def configured(*names: str) -> list[str]:
    """Return the errors with which the pack's analyzer refuses a configuration of these rules."""
    refused: list[str] = []

    class Context:
        def abort(self, code: grpc.StatusCode, sentence: str) -> None:
            assert code is grpc.StatusCode.INVALID_ARGUMENT
            refused.append(sentence)

    servicer = _PolicyAnalyzerServicer(
        "guardrails", "1", policies([SHORT], Results()), EnforcementLevel.ADVISORY
    )
    request = analyzer_pb2.ConfigureAnalyzerRequest(
        policyConfig={name: analyzer_pb2.PolicyConfig() for name in names}
    )
    servicer.Configure(request, Context())  # type: ignore[no-untyped-call]
    return refused


def test_an_unknown_rule_in_the_configuration_is_refused_with_the_nearest_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_PolicyAnalyzerServicer, "Configure", _PolicyAnalyzerServicer.Configure)
    refuse_unknown_rules([rule.name for rule in RULES])
    assert configured("all", "log-retention-set") == []
    assert configured("all", "log-retention", "x") == [
        "--policy-pack-config: log-retention is not a rule; the nearest are log-retention-set. "
        "--policy-pack-config: x is not a rule; docs/policies.md lists the rules."
    ]
    (refused,) = configured("run-cost-within-limit")
    for name in ("run-cost-worst-within-limit", "month-cost-worst-within-limit"):
        assert name in refused
