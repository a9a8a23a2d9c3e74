"""The arguments of a scheduled job, and the settings that they stand for."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi.runtime.config import CONFIG, is_config_secret

from components.provider_settings import argument_of, provider_arguments
from components.resources.program_access import ProgramPermission, fault_of_secret
from components.settings import SECRET_KEYS, InvalidSetting, Settings, SettingsError
from components.settings.command import VARIABLE_NAME
from components.settings.patterns import has_form
from components.settings.stack_file import keys_of
from components.stack_file import StackFile, run_is_too_short


@dataclass(frozen=True, kw_only=True)
class ScheduledFargateJobArgs:
    """A program, its items and its schedule; omitted arguments have the defaults of a stack file."""

    program: Sequence[str]
    """The command line for an item; `{region}` in it is replaced by the item's name. The variable ITEM has it too."""
    emails: Sequence[str]
    """The addresses that get a message about each run and alarm; `settings` may name others for successes."""
    items: Sequence[str | Mapping[str, Any]] = ()
    """The items: names, or groups with name, title, priority and labels."""
    catalog: Path | None = None
    """In place of items: a JSON file with the list of them, relative to the Pulumi program."""
    image: str | None = None
    """The image with a digest or an immutable tag; if omitted, the schedule stays disabled until an image is named."""
    schedule: str | None = None
    """The cron expression of EventBridge Scheduler; if omitted, Monday at 06:00."""
    time_zone: str = "UTC"
    """The time zone of the expression, by its tz database name."""
    shards: int | None = None
    """The number of workers that share the items; if omitted, 1, or the number for `target_minutes`."""
    target_minutes: int | None = None
    """In place of shards: the minutes that a run is expected to take at most; it gets the fewest shards for that."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Environment variables of the program, none secret."""
    secrets: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """The variables of the program that are secret: the ARN of each in Secrets Manager or Parameter Store."""
    permissions: Sequence[ProgramPermission] = ()
    """The permissions of the program in AWS; with any, it gets the credentials of the task's role."""
    region: str | None = None
    """The AWS region; if omitted, the stack's `aws:region`."""
    account: str | None = None
    """The account; if omitted, the one in `aws:allowedAccountIds`, or else the account of the credentials."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Any other key of a stack file, as docs/settings.md lists them without their prefix."""


_KEYS = {
    "account": "account",
    "each.environment": "environment",
    "each.program": "program",
    "monitoring.items": "items",
    "notifications.failureEmails": "emails",
    "schedule.expression": "schedule",
    "schedule.timeZone": "time_zone",
    "worker.image": "image",
    "worker.shards": "shards",
    "worker.targetMinutes": "target_minutes",
}
"""The argument that sets each of these settings."""
_NAME = has_form(r"[a-z][a-z0-9-]{0,39}", what="a name in a-z, 0-9 and -", example="nightly-export")


def given_provider(opts: pulumi.ResourceOptions | None) -> pulumi.ProviderResource | None:
    """Return the AWS provider that the options of a component name, or that its parent has."""
    if opts is None:
        return None
    named: Any = opts.providers
    listed = list(named.values()) if isinstance(named, Mapping) else [*(named or ())]
    for provider in (*([opts.provider] if opts.provider else ()), *listed):
        if isinstance(provider, aws.Provider):
            return provider
    inherited: pulumi.ProviderResource | None = None
    if opts.parent is not None:
        inherited = opts.parent.get_provider("aws:index/provider:Provider")
    return inherited


def job_stack(
    name: str, args: ScheduledFargateJobArgs, provider: pulumi.ProviderResource | None, now: datetime
) -> StackFile:
    """Return the settings of a job, and the arguments of a provider for it.

    Raises:
        pulumi.RunError: with every mistake in the arguments, without a traceback.
    """
    config = dict(CONFIG.get())
    keys = keys_of(config, name).provider
    encrypted = {key.removeprefix("aws:") for key in config if is_config_secret(key)} & keys.keys()
    account = args.account or _allowed_account(keys.get("allowedAccountIds")) or _caller(provider)
    mistakes: list[InvalidSetting] = []
    values = _values(name, args, account, mistakes)
    try:
        _NAME.check(name)
    except ValueError as error:
        mistakes.append(InvalidSetting("name", f"{name!r} {error}"))
    mistakes += list(_faults_of_access(args, mistakes))
    settings, arguments = None, {}
    try:
        settings = Settings.load(
            project=name,
            environment=pulumi.get_stack(),
            region=args.region or aws.config.region,
            values=values,
            # They come from secret keys of the program's own configuration.
            encrypted=SECRET_KEYS,
            now=now,
        )
    except SettingsError as error:
        mistakes += [InvalidSetting(_argument(name, mistake.key), mistake.text) for mistake in error.mistakes]
    if settings is not None:
        mistakes += [
            InvalidSetting(_argument(name, mistake.key), mistake.text)
            for mistake in run_is_too_short(settings)
        ]
    if provider is None:
        try:
            given = {key: value for key, value in keys.items() if key != "region"}
            arguments = provider_arguments(given, account=account, encrypted=encrypted)
        except SettingsError as error:
            mistakes += error.mistakes
    if settings is None or mistakes:
        raise pulumi.RunError(f"ScheduledFargateJob {name}: {SettingsError(mistakes)}")
    return StackFile(
        settings,
        {"region": settings.region, **arguments},
        frozenset(argument_of(key) for key in encrypted),
    )


def _faults_of_access(
    args: ScheduledFargateJobArgs, mistakes: list[InvalidSetting]
) -> Iterator[InvalidSetting]:
    """Yield what is wrong with the permissions and the secrets of the program, as far as it is known now."""
    if not isinstance(args.secrets, Mapping):
        yield InvalidSetting(
            "secrets", "is no dict; write the ARN of each secret by the name of its variable"
        )
    for name, arn in args.secrets.items() if isinstance(args.secrets, Mapping) else ():
        try:
            VARIABLE_NAME.check(name)
        except ValueError as error:
            yield InvalidSetting(f"secrets[{name!r}]", str(error))
        if name in args.environment:
            yield InvalidSetting(f"secrets[{name!r}]", "is in environment too; take it out of one of them")
        if isinstance(arn, str) and (fault := fault_of_secret(arn)):
            yield InvalidSetting(f"secrets[{name!r}]", fault)
    permissions: list[ProgramPermission] = _listed("permissions", args.permissions, mistakes)
    for number, permission in enumerate(permissions):
        key = f"permissions[{number}]"
        if not isinstance(permission, ProgramPermission):
            yield InvalidSetting(key, "is no permission; write ProgramPermission(actions=[…], resources=[…])")
            continue
        for what in ("actions", "resources"):
            if not _listed(f"{key}.{what}", getattr(permission, what), mistakes):
                yield InvalidSetting(f"{key}.{what}", "is empty; write one or more")
        if "*" in permission.actions:
            yield InvalidSetting(f"{key}.actions", "has *, which is every action of AWS; name the actions")


def _values(
    name: str, args: ScheduledFargateJobArgs, account: str, mistakes: list[InvalidSetting]
) -> dict[str, Any]:
    """Return the arguments as keys of a stack file; add a mistake for each setting that is given twice."""
    given: Any = args.settings
    if not isinstance(given, Mapping):
        mistakes.append(InvalidSetting("settings", "is not a group of settings; write a dict"))
        given = {}
    values: dict[str, Any] = {
        key: dict(value) if isinstance(value, Mapping) else value for key, value in given.items()
    }
    emails = _listed("emails", args.emails, mistakes)
    defaults: dict[str, dict[str, Any]] = {
        "notifications": {"successEmails": emails},
        "observability": {"metricNamespace": name},
    }
    for key, group in defaults.items():
        if isinstance(values.setdefault(key, {}), dict):
            values[key] = {**group, **values[key]}
    for path, value in _given(args, account, emails, mistakes):
        key, _, inner = path.partition(".")
        group = values.setdefault(key, {}) if inner else values
        if not isinstance(group, dict):
            continue
        if (inner or key) in group:
            mistakes.append(
                InvalidSetting(f"settings.{path}", f"is given by {_KEYS.get(path, 'the job')}; take it out")
            )
        group[inner or key] = value
    return values


def _given(
    args: ScheduledFargateJobArgs, account: str, emails: list[Any], mistakes: list[InvalidSetting]
) -> Iterator[tuple[str, Any]]:
    yield "account", account
    yield "each.program", _listed("program", args.program, mistakes)
    yield "notifications.failureEmails", emails
    yield "schedule.timeZone", args.time_zone
    yield "worker.workload", "each"
    if args.items or args.catalog is not None:
        yield "monitoring.items", _items(args, mistakes)
    if args.environment:
        yield "each.environment", args.environment
    if args.image is not None:
        yield "worker.image", args.image
    if args.schedule is not None:
        yield "schedule.expression", args.schedule
    if args.shards is not None:
        yield "worker.shards", args.shards
    if args.target_minutes is not None:
        yield "worker.targetMinutes", args.target_minutes


def _listed(argument: str, value: Any, mistakes: list[InvalidSetting]) -> list[Any]:
    """Return a list; a text is a mistake, since Python would iterate over its characters."""
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping)):
        return list(value)
    words = value.split() if isinstance(value, str) else []
    example = f", such as {words}" if words else ""
    mistakes.append(InvalidSetting(argument, f"{value!r} is not a list; write one{example}"))
    return words


def _items(args: ScheduledFargateJobArgs, mistakes: list[InvalidSetting]) -> list[Any]:
    items = _listed("items", args.items, mistakes)
    if args.catalog is None:
        return items
    if args.items:
        mistakes.append(InvalidSetting("catalog", "is given beside items; write one of them"))
    try:
        listed = json.loads(Path(args.catalog).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        mistakes.append(
            InvalidSetting("catalog", f"{args.catalog} cannot be read ({error}); name a JSON file")
        )
        return items
    if not isinstance(listed, list):
        mistakes.append(
            InvalidSetting("catalog", f"{args.catalog} holds no list; write one of names or groups")
        )
        return items
    return listed


def _argument(name: str, key: str) -> str:
    """Return the name of the argument that sets a setting, from the setting's full key."""
    path = key.removeprefix(f"{name}:")
    if path == key:
        return key
    for setting, argument in _KEYS.items():
        if path == setting or path.startswith(f"{setting}."):
            return argument + path.removeprefix(setting)
    return f"settings.{path}"


def _allowed_account(allowed: Any) -> str | None:
    return str(allowed[0]) if isinstance(allowed, list) and len(allowed) == 1 else None


def _caller(provider: pulumi.ProviderResource | None) -> str:
    return aws.get_caller_identity(opts=pulumi.InvokeOptions(provider=provider)).account_id
