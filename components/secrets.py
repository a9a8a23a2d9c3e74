"""What must not be seen: the credentials of Earth Engine and the address of Slack."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.names import Names
from components.part import Part

RECOVERY_WINDOW_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class SecretsArgs:
    """The address of Slack, where there is one; Earth Engine's credentials are put in by hand."""

    names: Names
    key_arn: pulumi.Input[str]
    slack_webhook_url: pulumi.Output[str] | None
    disposable: bool


class Secrets(Part):
    """The stack's secrets in Secrets Manager.

    Creates: an empty secret for Earth Engine's service account, and, where Slack is told, one with its address.
    """

    earth_engine_arn: pulumi.Output[str]

    def __init__(self, name: str, args: SecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(
            name, {"slack": args.slack_webhook_url is not None}, opts, keeps_data=not args.disposable
        )
        self.earth_engine_arn = self._secret(
            f"{name}-earth-engine", "gee-credentials", "The service account of Earth Engine, as JSON", args
        ).arn
        if args.slack_webhook_url is not None:
            slack = self._secret(
                f"{name}-slack", "slack-webhook", "The address that Slack messages are posted to", args
            )
            aws.secretsmanager.SecretVersion(
                f"{name}-slack", secret_id=slack.id, secret_string=args.slack_webhook_url, opts=self.child
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
