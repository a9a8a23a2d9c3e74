"""Writes what can be set in a stack file as a page: a section a concern, a row a setting."""

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

What a stack file, `Pulumi.<stack>.yaml`, can set: one key a concern, everything below it in camelCase. What is left
out has its default; **bold** settings have none and must be written. [Pulumi.dev.yaml](../Pulumi.dev.yaml) and
[Pulumi.prod.yaml](../Pulumi.prod.yaml) show every concern in use. An editor with a YAML language server completes the
keys and marks a wrong one as it is typed, by [the schema](../schemas/stack-file.json). This page and the schema are
made of the code (`make docs`).

The keys of the [AWS provider](https://www.pulumi.com/registry/packages/aws/installation-configuration/), such as
`aws:profile` and `aws:defaultTags`, are passed on to it. `aws:allowedAccountIds` must have `{PROJECT}:account`, and
`aws:forbiddenAccountIds` is refused, since nothing is deployed to any other account.

    pulumi config set --path {PROJECT}:schedule.paused true     # writes one setting into the stack's file
    pulumi config set --secret {PROJECT}:slackWebhookUrl        # asks for it, and writes it encrypted

Both act on the stack that is selected. `make run` deploys `local` without a backend of your own: to encrypt a value for
it, make one. Where no `pulumi` is installed, `make setup` has built one into `~/.cache/ccapi`.

    export PATH="$PATH:$(echo ~/.cache/ccapi/pulumi-*/)"
    export PULUMI_BACKEND_URL="file://$PWD/.local/by-hand" PULUMI_CONFIG_PASSPHRASE=local
    mkdir -p .local/by-hand
    pulumi stack init local
    pulumi config set --secret slackWebhookUrl --stack local
"""
_TABLE = "\n| key | value | default | what it does |\n|---|---|---|---|"
_SIZES = """
## Sizes of a worker

What Fargate runs, and which of it the named sizes are.

| `cpuUnits` | `memoryMib` | `size` |
|---|---|---|"""
_MISTAKES = """
## A stack file that cannot be used

`pulumi preview` tells all mistakes at once, those between two settings too, and plans nothing:
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
    lines = [_HEAD, f"## On their own\n{_TABLE}", *_rows({**config, "properties": others})]
    for key, concern in concerns.items():
        name = key.removeprefix(f"{PROJECT}:")
        lines += [f"\n## {name}\n\n{concern['description']}\n{_TABLE}", *_rows(concern)]
    lines += [_SIZES, *_sizes(), _MISTAKES, *(f"    {line}" for line in _told().splitlines())]
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
    """Return a short series as it is, and a long one, which is even, by its ends and its step."""
    if len(numbers) <= _SHORT:
        return ", ".join(map(str, numbers))
    return f"{numbers[0]} to {numbers[-1]} in steps of {numbers[1] - numbers[0]}"


def _told() -> str:
    """Return the error about the stack file with the mistakes."""
    texts = {
        key: value if isinstance(value, str) else json.dumps(value) for key, value in _WRONG_VALUES.items()
    }
    config = {"aws:region": "us-east-1", **{f"{PROJECT}:{key}": text for key, text in texts.items()}}
    try:
        stack_file.read(config, project=PROJECT, environment="prod", now=datetime.now(UTC))
    except SettingsError as error:
        return str(error)
    return ""
