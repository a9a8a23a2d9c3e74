"""The settings of a stack file: small frozen models, one for each topic, validated separately and then together.

This package does not import Pulumi. It takes the keys of a stack file as plain values, and returns `Settings`
or raises one `SettingsError` with every mistake.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, SecretStr, TypeAdapter, ValidationError
from pydantic.alias_generators import to_snake

from components.settings.base import SettingsModel
from components.settings.budget import Budget
from components.settings.channels import PagerDutyRoutingKey, WebhookSigningKey, WebhookUrl
from components.settings.cluster import Cluster
from components.settings.command import Command
from components.settings.cross_checks import contradictions
from components.settings.each import Each
from components.settings.errors import InvalidSetting, SettingsError, from_pydantic
from components.settings.monitoring import Monitoring
from components.settings.network import Network
from components.settings.notifications import Notifications
from components.settings.observability import Observability
from components.settings.patterns import has_form
from components.settings.roles import Roles
from components.settings.run import Run
from components.settings.schedule import Schedule
from components.settings.shard_count import takes_regions, with_shards
from components.settings.slack import SlackWebhookUrl
from components.settings.storage import Storage
from components.settings.worker import Worker

__all__ = ["KEYS", "SECRET_KEYS", "STAND_INS", "InvalidSetting", "Settings", "SettingsError"]

AccountId = Annotated[
    str, has_form(r"\d{12}", what="an account of twelve digits in quotes", example='"111111111111"')
]
# The isolated partitions (us-iso…, eu-iso…) have no public consoles, and lack some of the services used here.
Region = Annotated[
    str, has_form(r"(?!..-iso)[a-z]{2}(-[a-z]+)+-\d", what="an AWS region", example="us-east-1")
]


class Settings(BaseModel):
    """The settings of one stack."""

    model_config = ConfigDict(frozen=True)

    project: str
    environment: str
    region: Region
    account: AccountId
    schedule: Schedule
    monitoring: Monitoring
    worker: Worker
    command: Command
    each: Each
    run: Run
    notifications: Notifications
    network: Network
    storage: Storage
    cluster: Cluster
    roles: Roles
    observability: Observability
    budget: Budget
    slack_webhook_url: SlackWebhookUrl | None
    pager_duty_routing_key: PagerDutyRoutingKey | None
    webhook_url: WebhookUrl | None
    webhook_signing_key: WebhookSigningKey | None

    @property
    def credentials(self) -> dict[str, SecretStr]:
        """The credentials of channels that are set, by the names of their keys."""
        given = {key: getattr(self, to_snake(key)) for key in STAND_INS}
        return {key: value for key, value in given.items() if value is not None}

    @property
    def takes_regions(self) -> bool:
        """Return true if a run can process a subset of the regions, so that a redo processes only the missing ones."""
        return takes_regions(self.worker, self.command)

    @classmethod
    def load(
        cls,
        *,
        project: str,
        environment: str,
        region: str | None,
        values: Mapping[str, Any],
        encrypted: Collection[str] = (),
        now: datetime | None = None,
    ) -> "Settings":
        """Validate the values of a stack file, by key without the project's prefix; `secret` keys are encrypted in it.

        The check that the schedule still has a future start needs `now`.

        Raises:
            SettingsError: with every mistake, including contradictions between two keys.
        """
        mistakes = [
            InvalidSetting(f"{project}:{key}", f"is not a setting; write one of {', '.join(KEYS)}")
            for key in sorted(set(values) - set(KEYS))
        ]
        mistakes += [
            InvalidSetting(
                f"{project}:{key}", f"is in plain text; write it with `pulumi config set --secret {key}`"
            )
            for key in sorted(SECRET_KEYS & values.keys() - set(encrypted))
        ]
        parsed: dict[str, Any] = {}
        for key, form in {"region": Region, **KEYS}.items():
            # An omitted group gets its defaults, unless one of its settings has no default.
            value = region if key == "region" else values.get(key, {} if _is_settings_model(form) else None)
            name = "aws:region" if key == "region" else f"{project}:{key}"
            try:
                # A stack file spells settings in camelCase only; the snake_case names are for Python code.
                parsed[key] = TypeAdapter(form).validate_python(value, by_alias=True, by_name=False)
            except ValidationError as error:
                mistakes += (
                    [InvalidSetting(name, "is missing; write it")]
                    if value is None
                    else from_pydantic(error, name, secret=key in SECRET_KEYS or key in encrypted)
                )
        if {"worker", "command", "monitoring"} <= parsed.keys():
            worker = parsed.pop("worker")
            try:
                parsed["worker"] = with_shards(worker, parsed["command"], parsed["monitoring"])
            except ValueError as error:
                mistakes.append(InvalidSetting(f"{project}:worker.targetMinutes", str(error)))
        mistakes += [InvalidSetting(f"{project}:{key}", text) for key, text in contradictions(parsed, now)]
        if mistakes:
            raise SettingsError(mistakes)
        return cls(
            project=project,
            environment=environment,
            **{to_snake(key): value for key, value in parsed.items()},
        )


KEYS: dict[str, Any] = {
    "account": AccountId,
    "schedule": Schedule,
    "monitoring": Monitoring,
    "worker": Worker,
    "command": Command,
    "each": Each,
    "run": Run,
    "notifications": Notifications,
    "network": Network,
    "storage": Storage,
    "cluster": Cluster,
    "roles": Roles,
    "observability": Observability,
    "budget": Budget,
    "slackWebhookUrl": SlackWebhookUrl | None,
    "pagerDutyRoutingKey": PagerDutyRoutingKey | None,
    "webhookUrl": WebhookUrl | None,
    "webhookSigningKey": WebhookSigningKey | None,
}
STAND_INS: Mapping[str, str] = {
    "slackWebhookUrl": "https://hooks.slack.com/services/stand-in",
    "pagerDutyRoutingKey": "0" * 32,
    "webhookUrl": "https://example.com/stand-in",
    "webhookSigningKey": "stand-in-for-the-key",
}
"""A valid value for each secret key, for programs that cannot decrypt the real one."""
SECRET_KEYS = frozenset(STAND_INS)


def _is_settings_model(form: Any) -> bool:
    return isinstance(form, type) and issubclass(form, SettingsModel)
