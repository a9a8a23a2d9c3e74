"""The secrets of a stack: the credentials of Earth Engine and of the channels that messages are sent to."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.resources.base import PipelineComponent
from components.settings.names import Names

RECOVERY_WINDOW_DAYS = 30
CHANNELS = "notification-channels"
"""The secret with the channels' credentials, for `Names.secret`."""


@dataclass(frozen=True, kw_only=True)
class SecretsArgs:
    """The channels' credentials, by the names of their settings; operators add Earth Engine's after deployment."""

    names: Names
    key_arn: pulumi.Input[str]
    channels: Mapping[str, pulumi.Output[str]]
    disposable: bool


class Secrets(PipelineComponent):
    """The stack's secrets in Secrets Manager.

    Creates: an empty secret for Earth Engine's service account and, if a channel needs credentials, one
    secret with all of them as a JSON object.
    """

    earth_engine_arn: pulumi.Output[str]

    def __init__(self, name: str, args: SecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, {"channels": sorted(args.channels)}, opts, keeps_data=not args.disposable)
        self.earth_engine_arn = self._secret(
            f"{name}-earth-engine", "gee-credentials", "The service account of Earth Engine, as JSON", args
        ).arn
        if args.channels:
            channels = self._secret(
                f"{name}-channels", CHANNELS, "The credentials of Slack, PagerDuty and the webhook", args
            )
            aws.secretsmanager.SecretVersion(
                f"{name}-channels",
                secret_id=channels.id,
                secret_string=pulumi.Output.json_dumps(dict(args.channels)),
                opts=self.child,
            )
        self.register_outputs({"earthEngineArn": self.earth_engine_arn})

    def _secret(self, name: str, what: str, description: str, args: SecretsArgs) -> aws.secretsmanager.Secret:
        return aws.secretsmanager.Secret(
            name,
            name=args.names.secret(what),
            description=description,
            kms_key_id=args.key_arn,
            recovery_window_in_days=0 if args.disposable else RECOVERY_WINDOW_DAYS,
            opts=self.stateful,
        )
