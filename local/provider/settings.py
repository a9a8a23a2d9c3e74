"""The provider's configuration: endpoints, credentials, allowed accounts and default tags."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from local.provider.aws import Aws
from local.provider.errors import ProviderError
from local.provider.values import UNKNOWN, Properties

_HONOURED = frozenset(
    {
        "accessKey",
        "allowedAccountIds",
        "defaultTags",
        "endpoints",
        "forbiddenAccountIds",
        "region",
        "s3UsePathStyle",
        "secretKey",
        "skipCredentialsValidation",
        "skipMetadataApiCheck",
        "skipRegionValidation",
        "skipRequestingAccountId",
        "token",
    }
)
_OF_NO_USE_HERE = frozenset(
    {
        "assumeRoleWithWebIdentity",
        "assumeRoles",
        "customCaBundle",
        "ec2MetadataServiceEndpoint",
        "ec2MetadataServiceEndpointMode",
        "httpProxy",
        "httpsProxy",
        "insecure",
        "maxRetries",
        "noProxy",
        "profile",
        "retryMode",
        "s3UsEast1RegionalEndpoint",
        "sharedConfigFiles",
        "sharedCredentialsFiles",
        "stsRegion",
        "tokenBucketRateLimiterCapacity",
        "useDualstackEndpoint",
        "useFipsEndpoint",
        "userAgents",
    }
)
"""Settings for authentication and networking that have no effect here: `endpoints` and keys are enough."""
_OF_THE_ENGINE = frozenset({"version", "pluginDownloadURL", "__internal"})

ENDPOINT_NAMES: Mapping[str, tuple[str, ...]] = {
    "logs": ("logs", "cloudwatchlogs", "cloudwatchlog"),
    "events": ("events", "eventbridge", "cloudwatchevents"),
    "stepfunctions": ("sfn", "stepfunctions"),
}
"""The names of services in `aws:endpoints`, where boto3's name differs."""

_REMEDY = (
    "This provider is a stand-in for one machine. To deploy elsewhere, take local/provider's "
    "pulumi-resource-aws off the PATH and run `pulumi plugin install resource aws`."
)


@dataclass(frozen=True)
class Settings:
    """The provider's settings in a program or a stack file."""

    region: str
    endpoints: Mapping[str, str]
    """Loopback URLs by the service's name in boto3."""
    default_tags: dict[str, str]
    allowed_account_ids: tuple[str, ...]
    forbidden_account_ids: tuple[str, ...]
    asks_for_account: bool
    access_key: str
    secret_key: str
    token: str | None

    @classmethod
    def parse(cls, raw: Properties) -> "Settings":
        """Return the settings from the provider's inputs, in which all values except strings are JSON."""
        values = {name: _decode(value) for name, value in raw.items() if name not in _OF_THE_ENGINE}
        values = {name: value for name, value in values.items() if value not in (None, "", [], {})}
        if unsupported := sorted(values.keys() - _HONOURED - _OF_NO_USE_HERE):
            raise ProviderError(
                f"aws:{', aws:'.join(unsupported)} is not supported. {_REMEDY} "
                f"Supported settings: {', '.join(sorted(_HONOURED))}."
            )
        if "region" not in values:
            raise ProviderError(
                "no region is set. Run `pulumi config set aws:region us-east-1`, or another region."
            )
        return cls(
            region=values["region"],
            endpoints=_endpoints(values.get("endpoints", [])),
            default_tags=values.get("defaultTags", {}).get("tags", {}),
            allowed_account_ids=tuple(map(str, values.get("allowedAccountIds", []))),
            forbidden_account_ids=tuple(map(str, values.get("forbiddenAccountIds", []))),
            asks_for_account=not values.get("skipRequestingAccountId", False),
            access_key=values.get("accessKey", "local"),
            secret_key=values.get("secretKey", "local"),
            token=values.get("token"),
        )

    def aws(self, region: str | None = None) -> Aws:
        """Return the clients of one region."""
        return Aws(region or self.region, self.endpoints, self.access_key, self.secret_key, self.token)

    def check_account(self, aws: Aws) -> None:
        """Raise an error if the credentials' account is not allowed."""
        if not self.asks_for_account or not (self.allowed_account_ids or self.forbidden_account_ids):
            return
        account = aws.account
        if self.allowed_account_ids and account not in self.allowed_account_ids:
            raise ProviderError(
                f"the credentials belong to account {account}; allowedAccountIds has only "
                f"{', '.join(self.allowed_account_ids)}. Correct aws:allowedAccountIds or the credentials."
            )
        if account in self.forbidden_account_ids:
            raise ProviderError(f"account {account} is among forbiddenAccountIds. Use other credentials.")


def _decode(value: Any) -> Any:
    if value is UNKNOWN:
        raise ProviderError("a provider setting is not known yet: give it a plain value.")
    if not isinstance(value, str) or (value not in {"true", "false"} and not value.startswith(("{", "["))):
        return value
    return json.loads(value)


def _endpoints(blocks: list[dict[str, str]]) -> dict[str, str]:
    given = {name: url for block in blocks for name, url in block.items() if url}
    for name, url in given.items():
        if not _is_loopback(urlsplit(url).hostname):
            raise ProviderError(
                f"the endpoint of `{name}` is {url}, and only loopback addresses (127.0.0.0/8, ::1, localhost) are "
                f"supported. {_REMEDY}"
            )
    renamed = {
        service: next((given[name] for name in names if name in given), None)
        for service, names in ENDPOINT_NAMES.items()
    }
    return {**given, **{service: url for service, url in renamed.items() if url}}


def _is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False
