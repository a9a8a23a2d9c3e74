"""The page docs/settings.md: a section for each key of a stack file, a row for each setting."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from components import stack_file
from components.settings import SettingsError
from components.settings.fargate import MEMORY_MIB_BY_CPU_UNITS, SIZES_BY_NAME
from docs.schema_words import default, kind
from docs.stack_file_schema import PROJECT, Schema, schema

_HEAD = f"""\
# Settings

The settings of a stack file, `Pulumi.<stack>.yaml`. It has one key for each subject, with settings in camelCase below
it. An omitted setting has its default; **bold** settings have no default and are required.
[Pulumi.dev.yaml](../Pulumi.dev.yaml) and [Pulumi.prod.yaml](../Pulumi.prod.yaml) use every key. An editor with a YAML
language server completes the keys and marks errors, using [the schema](../schemas/stack-file.json). `make docs`
generates this page and the schema from the code.

The keys of the [AWS provider](https://www.pulumi.com/registry/packages/aws/installation-configuration/), such as
`aws:profile` and `aws:defaultTags`, are passed to it. `aws:allowedAccountIds` must contain the value of
`{PROJECT}:account`, and `aws:forbiddenAccountIds` is refused, because a stack is only ever deployed to that one
account.

    pulumi config set --path {PROJECT}:schedule.paused true     # writes one setting into the stack's file
    pulumi config set --secret {PROJECT}:slackWebhookUrl        # asks for the value, writes it encrypted

Both commands change the selected stack. `make run` deploys `local` without a backend of your own; to encrypt a value
for `local`, create one as below. If `pulumi` is not installed, use the one that `make setup` put into
`~/.cache/ccapi`.

    export PATH="$PATH:$(echo ~/.cache/ccapi/pulumi-*/)"
    export PULUMI_BACKEND_URL="file://$PWD/.local/by-hand" PULUMI_CONFIG_PASSPHRASE=local
    mkdir -p .local/by-hand
    pulumi stack init local
    pulumi config set --secret slackWebhookUrl --stack local
"""
_TABLE = "\n| key | value | default | what it does |\n|---|---|---|---|"
_SIZES = """
## Sizes of a worker

The combinations of CPU and memory that Fargate offers, and the named sizes among them.

| `cpuUnits` | `memoryMib` | `size` |
|---|---|---|"""
_MISTAKES = """
## A stack file that cannot be used

`pulumi preview` reports all mistakes at once, including settings that contradict each other, and plans nothing:
"""

_SHORT = 4

# A stack file with mistakes of many kinds.
_WRONG_VALUES: dict[str, Any] = {
    "account": "222222222222",
    "schedule": {"preset": "fortnightly"},
    "monitoring": {"catalog": "atlantis"},
    "worker": {"workload": "command", "cpuUnits": 1024, "memoryMib": 1024},
    "run": {"timeoutSeconds": 7200},
    "notifications": {"failureEmails": ["alerts@example.com"], "successEmails": ["reports"]},
    "observability": {"logRetention": 90},
    "slackWebhookUrl": "https://hooks.slack.com/services/T0/B0/x",
}


def page() -> str:
    """Return the page."""
    config = schema()["properties"]["config"]
    concerns = {key: value for key, value in config["properties"].items() if _is_settings_model(value)}
    others = {key: value for key, value in config["properties"].items() if key not in concerns}
    lines = [_HEAD, f"## Keys without a section\n{_TABLE}", *_rows({**config, "properties": others})]
    for key, concern in concerns.items():
        name = key.removeprefix(f"{PROJECT}:")
        lines += [f"\n## {name}\n\n{concern['description']}\n{_TABLE}", *_rows(concern)]
    lines += [_SIZES, *_sizes(), _MISTAKES, *(f"    {line}" for line in _error_message().splitlines())]
    return "\n".join(lines) + "\n"


def _is_settings_model(value: Schema) -> bool:
    return "properties" in value and "secure" not in value["properties"]


def _rows(concern: Schema, path: str = "") -> Iterator[str]:
    for name, value in concern["properties"].items():
        key = f"**`{path}{name}`**" if name in concern.get("required", ()) else f"`{path}{name}`"
        yield f"| {key} | {kind(value)} | {default(value)} | {value['description']} |"
        if _is_settings_model(value):
            yield from _rows(value, f"{path}{name}.")


def _sizes() -> Iterator[str]:
    named = {size.cpu_units: f"`{name}`: {size.memory_mib}" for name, size in SIZES_BY_NAME.items()}
    for cpu_units, memories_mib in MEMORY_MIB_BY_CPU_UNITS.items():
        yield f"| {cpu_units} | {_series(memories_mib)} | {named.get(cpu_units, '')} |"


def _series(numbers: Sequence[int]) -> str:
    """Return the numbers of a short series, or the ends and the step of a long one; long series have equal steps."""
    if len(numbers) <= _SHORT:
        return ", ".join(map(str, numbers))
    return f"{numbers[0]} to {numbers[-1]} in steps of {numbers[1] - numbers[0]}"


def _error_message() -> str:
    """Return the error message for a stack file with the mistakes in `_WRONG_VALUES`."""
    texts = {
        key: value if isinstance(value, str) else json.dumps(value) for key, value in _WRONG_VALUES.items()
    }
    config = {"aws:region": "us-east-1", **{f"{PROJECT}:{key}": text for key, text in texts.items()}}
    try:
        stack_file.read(config, project=PROJECT, environment="prod", now=datetime.now(UTC))
    except SettingsError as error:
        return str(error)
    return ""
