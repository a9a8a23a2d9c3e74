"""Access to a local AWS: its address, and the access key that it requires on every request."""

import errno
import json
import os
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote
from threading import Lock
from typing import Any

REGION = "us-east-1"
NOT_VERIFIED = "not-verified"
"""The secret access key that all callers use: the local AWS identifies callers by access key id alone."""

TIMEOUT_SECONDS = 10
_LOOPBACK = "127.0.0.1,localhost"
# Every address here is on this machine, never behind a proxy.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_CLIENT_LOCK = Lock()


@dataclass(frozen=True)
class LocalAws:
    """The address of a running local AWS, with one of its access keys."""

    endpoint: str
    access_key_id: str = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> "LocalAws":
        """Return the local AWS that `write` wrote to a file.

        Raises:
            OSError: when the file cannot be read.
            ValueError: when the file lacks the address or the access key.
        """
        lines = path.read_text(encoding="utf-8").splitlines()
        variables = dict(line.split("=", 1) for line in lines if "=" in line)
        try:
            return cls(variables["AWS_ENDPOINT_URL"], variables["AWS_ACCESS_KEY_ID"])
        except KeyError as error:
            raise ValueError(f"{path} has no line {error.args[0]}=") from None

    def write(self, path: Path) -> None:
        """Write the environment variables to a file that only this user can read, replacing an existing one."""
        # A session token in the shell belongs to another access key; and no proxy may see this key.
        direct = dict.fromkeys(("NO_PROXY", "no_proxy"), _LOOPBACK)
        variables = {**self.environment, "AWS_SESSION_TOKEN": "", **direct}
        write_private(path, "".join(f"{name}={value}\n" for name, value in variables.items()))

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which AWS tools find it; some tools read AWS_REGION, others AWS_DEFAULT_REGION."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": NOT_VERIFIED,
        }

    @property
    def provider_settings(self) -> dict[str, str]:
        """The stack file's settings for the Pulumi provider's credentials."""
        return {"aws:accessKey": self.access_key_id, "aws:secretKey": NOT_VERIFIED}

    @property
    def authorization(self) -> str:
        """The Authorization header for a request that is not made by an AWS client."""
        scope = f"{self.access_key_id}/20000101/{REGION}/ccapi/aws4_request"
        return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={NOT_VERIFIED}"

    def client(self, service: str, *, region: str = REGION, **options: Any) -> Any:
        """Return a new boto3 client of a service; options are those of `botocore.config.Config`."""
        # Imported late, so that the emulator can report a busy port at once.
        import boto3  # noqa: PLC0415
        from botocore.config import Config  # noqa: PLC0415

        make: Any = boto3.client
        # Creating boto3 clients is not thread-safe; using them is.
        with _CLIENT_LOCK:
            return make(
                service,
                endpoint_url=self.endpoint,
                region_name=region,
                aws_access_key_id=self.access_key_id,
                aws_secret_access_key=NOT_VERIFIED,
                config=Config(s3={"addressing_style": "path"}, proxies={}, **options),
            )

    def admin(self, method: str, name: str, body: Any = None) -> Any:
        """Call an endpoint under /ccapi/ and return its JSON answer.

        Raises:
            urllib.error.HTTPError: when the request is refused.
        """
        request = urllib.request.Request(  # noqa: S310 - the address is this machine's
            f"{self.endpoint}/ccapi/{name}",
            method=method,
            headers={"Authorization": self.authorization},
            data=None if body is None else json.dumps(body).encode(),
        )
        with _OPENER.open(request, timeout=TIMEOUT_SECONDS) as answer:
            return json.load(answer)


def export_command(path: Path) -> str:
    """Return the shell command that exports the variables of a file that `LocalAws.write` wrote."""
    return f"set -a; . {quote(str(path.resolve()))}; set +a"


def write_private(path: Path, text: str) -> None:
    """Write a file that only this user can read, replacing an existing one."""
    new = path.with_name(f"{path.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    # Created with its final mode: before a later chmod, other users could open it.
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)


def make_private(folder: Path) -> None:
    """Create a folder that only this user can open, or remove the other users' permissions from an existing one.

    Raises:
        OSError: when it cannot be created, or belongs to another user, who could change its permissions back.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(errno.EPERM, "the folder belongs to another user", str(folder))
    folder.chmod(0o700)
