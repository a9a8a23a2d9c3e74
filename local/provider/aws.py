"""Cached clients of the local AWS."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

from local.provider.errors import ProviderError

if TYPE_CHECKING:
    from boto3.session import Session

_CONNECT_TIMEOUT_SECONDS = 3
_READ_TIMEOUT_SECONDS = 60
_ATTEMPTS = 2


@dataclass
class Aws:
    """One region of the local AWS, with one set of credentials."""

    region: str
    endpoints: Mapping[str, str]
    access_key: str
    secret_key: str
    token: str | None
    _clients: dict[str, Any] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @cached_property
    def _session(self) -> "Session":
        from boto3.session import Session  # noqa: PLC0415 (a preview without changes never needs it)

        return Session(self.access_key, self.secret_key, self.token, self.region)

    def client(self, service: str) -> Any:
        """Return the client of a service, by its name in boto3."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._make_client(service)
            return self._clients[service]

    def _make_client(self, service: str) -> Any:
        from botocore.config import Config  # noqa: PLC0415 (as above)

        endpoint = self.endpoints.get(service)
        if endpoint is None:
            raise ProviderError(
                f"this provider is a stand-in that supports only a local AWS, and no endpoint is set for `{service}`. "
                f"Set aws:endpoints (a loopback URL for it), or install the released pulumi-resource-aws."
            )
        config = Config(
            connect_timeout=_CONNECT_TIMEOUT_SECONDS,
            read_timeout=_READ_TIMEOUT_SECONDS,
            retries={"total_max_attempts": _ATTEMPTS, "mode": "standard"},
            s3={"addressing_style": "path"},
        )
        return self._session.client(service, endpoint_url=endpoint, config=config)  # type: ignore[call-overload]

    @cached_property
    def account(self) -> str:
        """The account of the credentials."""
        return str(self.client("sts").get_caller_identity()["Account"])

    @property
    def partition(self) -> str:
        """The partition in ARNs, such as `aws`."""
        prefixes = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
        return next((name for prefix, name in prefixes.items() if self.region.startswith(prefix)), "aws")
