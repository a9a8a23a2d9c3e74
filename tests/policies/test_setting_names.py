"""The settings that messages name: each sets the property in question, and the message gives its place."""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from guardrails.aws.types import FUNCTION, LOG_GROUP, SCHEDULE, STATE_MACHINE
from guardrails.evaluation import evaluate
from guardrails.limits import LimitsError
from guardrails.limits_source import FOLDER, names_for, source_of
from guardrails.plan import Plan, Resource
from guardrails.results import Results
from guardrails.rules import RULES
from guardrails.setting_names import Named, Names
from guardrails.setting_names_file import FILE, names_of
from tests.components.deployment import Deployment, deploy
from tests.policies.plans import machine, resource, rule
from tests.policies.test_property_paths import wrong
from tests.stacks import PROJECT, values_of

NAMED = names_of(FOLDER / PROJECT / FILE)
LIMITS = "policies/limits/ccapi/dev.json"
# Another value of each setting, in the stack prod, which has 2048 CPU units and 4096 MiB.
OTHER: dict[str, dict[str, Any]] = {
    "budget.monthlyUsd": {"monthlyUsd": 26},
    "notifications.alarmEmails": {"alarmEmails": ["night@example.com"]},
    "notifications.failureEmails": {"failureEmails": ["another@example.com"]},
    "notifications.successEmails": {"successEmails": ["another@example.com"]},
    "notifications.reservedConcurrency": {"reservedConcurrency": 3},
    "observability.logRetentionDays": {"logRetentionDays": 60},
    "observability.tracing": {"tracing": False},
    "run.heartbeatSeconds": {"heartbeatSeconds": 500},
    "run.startRetries": {"startRetries": 1},
    "run.taskTimeoutSeconds": {"taskTimeoutSeconds": 7100},
    "run.timeoutSeconds": {"timeoutSeconds": 50000},
    "run.validationTimeoutSeconds": {"validationTimeoutSeconds": 500},
    "run.workerRetries": {"workerRetries": 1},
    "schedule.expression": {"expression": "cron(30 9 ? * TUE *)"},
    "schedule.flexibleWindowMinutes": {"flexibleWindowMinutes": 5},
    "schedule.maxEventAgeSeconds": {"maxEventAgeSeconds": 3600},
    "schedule.maxRetryAttempts": {"maxRetryAttempts": 5},
    "schedule.timeZone": {"timeZone": "Asia/Jakarta"},
    "worker.cpuUnits": {"size": None, "cpuUnits": 1024, "memoryMib": 4096},
    "worker.earthEngineProject": {"earthEngineProject": "another-project"},
    "worker.image": {"image": "111111111111.dkr.ecr.us-east-1.amazonaws.com/x:2026-12-01"},
    "worker.memoryMib": {"size": None, "cpuUnits": 2048, "memoryMib": 8192},
    "worker.shards": {"shards": 3},
    "worker.size": {"size": "large"},
    "worker.targetMinutes": {"shards": None, "targetMinutes": 40},
    "worker.stopTimeoutSeconds": {"stopTimeoutSeconds": 60},
}
EXCLUSIVE = ("worker.size", "worker.cpuUnits", "worker.memoryMib")
# The schedule runs, the workload can be sharded and Lambda's concurrency is reserved: each setting has an effect.
BEGIN: dict[str, dict[str, Any]] = {
    "worker": {**values_of("prod")["worker"], "image": "111111111111.dkr.ecr.us-east-1.amazonaws.com/x:1"},
    "command": {"program": ["python", "monitor.py", "{regions}"]},
    "notifications": {
        **values_of("prod")["notifications"],
        "alarmEmails": ["day@example.com"],
        "reservedConcurrency": 2,
    },
}


def deployed(*settings: str) -> Deployment:
    changes: dict[str, Any] = dict(BEGIN)
    for setting in settings:
        group, _, _ = setting.partition(".")
        values = {**(changes.get(group) or values_of("prod").get(group, {})), **OTHER[setting]}
        changes[group] = {key: value for key, value in values.items() if value is not None}
    return deploy("prod", **changes)


def values_at(named: Named, deployment: Deployment) -> Iterator[Any]:
    """Yield the property of each resource that has it: every value of its last name, in the state or the property."""
    first, *others = named.path.split(".")
    for found in deployment.of_type(named.type):
        value = found.inputs.get(first)
        if value is None or not fnmatchcase(found.name, named.resource or "*"):
            continue
        if not others:
            yield value
            continue
        inside = json.loads(value) if isinstance(value, str) else value
        if named.path == "definition.TimeoutSeconds":
            yield inside["TimeoutSeconds"]
        else:
            states = [inside] if named.state is None else list(values_named(inside, named.state))
            yield [each for state in states for each in values_named(state, named.field)]


def values_named(value: Any, name: str) -> Iterator[Any]:
    """Yield every value of a key, or of a variable, anywhere in a value."""
    if isinstance(value, dict):
        if value.get("name") == name and "value" in value:
            yield value["value"]
        if name in value:
            yield value[name]
        for inner in value.values():
            yield from values_named(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from values_named(inner, name)


def codes() -> dict[str, int]:
    """Return a number for each setting; those that exclude each other have no bit in common."""
    alone = dict(zip(EXCLUSIVE, (1, 2, 4), strict=True))
    free = (number for number in count(1) if number not in alone.values())
    return alone | {setting: next(free) for setting in sorted(OTHER.keys() - alone.keys())}


def test_every_setting_sets_the_property_that_it_is_named_for_and_no_other_does() -> None:
    """Deploy once for each bit, with the settings changed whose number has it: few deployments distinguish all."""
    settings = {setting.removeprefix(f"{PROJECT}:") for named in NAMED for setting in named.settings}
    assert settings == OTHER.keys()
    before, numbers = deployed(), codes()
    for bit in range(max(numbers.values()).bit_length()):
        changed = {setting for setting, number in numbers.items() if number >> bit & 1}
        after = deployed(*sorted(changed))
        for named in NAMED:
            old, new = list(values_at(named, before)), list(values_at(named, after))
            assert len(old) == len(new) > 0, named
            is_meant = any(setting.removeprefix(f"{PROJECT}:") in changed for setting in named.settings)
            assert {was != is_ for was, is_ in zip(old, new, strict=True)} == {is_meant}, (named, old, new)


def test_every_property_is_one_of_pulumi_aws() -> None:
    for named in NAMED:
        path = tuple(named.path.split("."))
        is_document = path[0] in ("definition", "containerDefinitions")
        assert [*wrong(named.type, {path[:1] if is_document else path})] == [], named


def names(project: str = PROJECT, stack: str = "dev", place: Path = FOLDER) -> Names:
    return names_for(project, stack, source_of(project, stack, place), place)


def told(name: str, about: Resource, of: Names, **limits: Any) -> str:
    (message,) = evaluate(rule(name), about, Plan.of([about]), Results(names=of), limits).violations
    return message


def definition(timeout: int, of_shard: int, beat: int = 600) -> dict[str, Any]:
    shard = {
        "Type": "Task",
        "Resource": "arn:aws:states:::ecs:runTask.waitForTaskToken",
        "Arguments": {"Input": "{% $states.context.Task.Token %}"},
        "TimeoutSeconds": of_shard,
        "HeartbeatSeconds": beat,
        "Next": "Publish",
    }
    publish = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sns:publish",
        "TimeoutSeconds": of_shard,
        "End": True,
    }
    states = {"RunShard": shard, "Publish": publish}
    return {"QueryLanguage": "JSONata", "TimeoutSeconds": timeout, "StartAt": "RunShard", "States": states}


def test_a_message_names_the_setting_and_the_limits() -> None:
    logs = resource(LOG_GROUP, "ccapi-worker", retentionInDays=365)
    assert told("log-retention-set", logs, names(), maxRetentionDays=30) == (
        "ccapi-worker: its logs are kept for 365 days, more than 30; lower retentionInDays "
        "(ccapi:observability.logRetentionDays in Pulumi.dev.yaml) or raise maxRetentionDays "
        f"({LIMITS})."
    )
    starts = {"retryPolicy": {"maximumEventAgeInSeconds": 60, "maximumRetryAttempts": 0}}
    schedule = resource(SCHEDULE, "ccapi-scheduler", target={**starts, "deadLetterConfig": {"arn": "a"}})
    assert told("schedule-recovers-lost-starts", schedule, names()).endswith(
        "; raise target.retryPolicy.maximumRetryAttempts (ccapi:schedule.maxRetryAttempts in Pulumi.dev.yaml) or lower "
        f"minRetryAttempts ({LIMITS})."
    )


def test_a_remedy_without_a_property_follows_the_property() -> None:
    long = machine(definition(90_000, 60), "ccapi-machine")
    assert told("machine-worst-case-within-timeout", long, names(), maxTimeoutSeconds=43200) == (
        "ccapi-machine: TimeoutSeconds (ccapi:run.timeoutSeconds in Pulumi.dev.yaml) of the machine is 90,000 s, more "
        f"than 43,200 s; lower it, or raise maxTimeoutSeconds ({LIMITS})."
    )


@pytest.mark.parametrize(
    ("state", "setting"), [("RunShard", "ccapi:run.taskTimeoutSeconds"), ("Publish", None)]
)
def test_a_field_of_a_state_is_set_by_the_setting_of_that_state(state: str, setting: str | None) -> None:
    about = machine(definition(43_200, 7200), "ccapi-machine")
    found = evaluate(
        rule("task-attempt-bounded"),
        about,
        Plan.of([about]),
        Results(names=names()),
        {"maxTaskTimeoutSeconds": 60},
    )
    (message,) = (one for one in found.violations if one.startswith(f"ccapi-machine: {state} "))
    where = f" ({setting} in Pulumi.dev.yaml)" if setting else ""
    assert message.endswith(f"lower TimeoutSeconds{where} or raise maxTaskTimeoutSeconds ({LIMITS}).")


@pytest.mark.parametrize(
    ("message", "named"),
    [
        # The state whose cost is the largest, although the sentence begins with the run.
        (
            "a run costs $2: RunShard (AWS Fargate) $2; lower TimeoutSeconds or Cpu of the largest amounts.",
            "a run costs $2: RunShard (AWS Fargate) $2; lower TimeoutSeconds (ccapi:run.taskTimeoutSeconds in "
            "Pulumi.dev.yaml) or Cpu (ccapi:worker.size or ccapi:worker.cpuUnits in Pulumi.dev.yaml) of the largest "
            "amounts.",
        ),
        (
            "The states take 9 s; raise the machine's TimeoutSeconds (RunShard: 9 s).",
            "The states take 9 s; raise the machine's TimeoutSeconds (ccapi:run.timeoutSeconds in Pulumi.dev.yaml) "
            "(RunShard: 9 s).",
        ),
        ("it has no name; write Cpu-like names, xTimeoutSeconds or TimeoutSecondsPath.", None),
    ],
)
def test_a_name_in_a_message_is_a_whole_word(message: str, named: str | None) -> None:
    about = resource(STATE_MACHINE, "ccapi-machine")
    assert names().applied(message, about, (), None) == (named or message)


def test_the_machine_of_another_resource_is_named_if_the_message_names_it() -> None:
    alarm = resource("aws:cloudwatch/metricAlarm:MetricAlarm", "slow")
    message = "its threshold is above the 60 s after which {} times out; raise TimeoutSeconds."
    assert "(ccapi:run.timeoutSeconds in Pulumi.dev.yaml)" in names().applied(
        message.format("ccapi-machine"), alarm, (), None
    )
    watch = message.format("ccapi-watch")
    assert names().applied(watch, alarm, (), None) == watch


def test_messages_about_other_resources_and_projects_name_the_property_of_aws() -> None:
    logs = resource(LOG_GROUP, "ccapi-worker", retentionInDays=365)
    plain = "lower retentionInDays or raise maxRetentionDays."
    assert told("log-retention-set", logs, names("nightly-export"), maxRetentionDays=30).endswith(plain)
    assert told("log-retention-set", logs, Names(), maxRetentionDays=30).endswith(plain)
    watch = machine(definition(90_000, 60), "ccapi-watch")
    assert "ccapi:" not in told("machine-worst-case-within-timeout", watch, names(), maxTimeoutSeconds=60)
    function = resource(FUNCTION, "ccapi-reporter", timeout=300)
    assert "ccapi:" not in told("function-timeout-within-limit", function, names())


def test_another_project_names_settings_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "dev.json").write_text('{"version": 1}', encoding="utf-8")
    (tmp_path / "ours" / FILE).write_text(
        f'["{LOG_GROUP}"]\nretentionInDays = ["ours:logDays"]\n', encoding="utf-8"
    )
    logs = resource(LOG_GROUP, "logs", retentionInDays=500)
    for place in (tmp_path, tmp_path / "ours" / "dev.json"):
        assert told("log-retention-set", logs, names("ours", place=place)).endswith(
            "; lower retentionInDays (ours:logDays in Pulumi.dev.yaml) or raise maxRetentionDays "
            f"({tmp_path}/ours/dev.json)."
        )
    # Limits elsewhere leave a project of the pack its settings.
    assert names(place=tmp_path).settings == NAMED


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x", "is not TOML"),
        ('["t"]\np = "app:a"\n', "has mistakes"),
        ('["t"]\np = ["a setting"]\n', "has mistakes"),
        ('["t".name]\np = []\n', "has mistakes"),
    ],
)
def test_a_file_with_mistakes_is_refused(text: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(LimitsError, match=reason):
        names_of(tmp_path / FILE)


def test_no_rule_has_a_limit_that_is_also_a_property_of_the_list() -> None:
    fields = {text for named in NAMED for text in named.texts}
    assert fields & {limit.key for one in RULES for limit in one.limits} == set()
