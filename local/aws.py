"""Access to a local AWS: where it listens, and the access key that it requires on every request."""

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
"""The secret access key of everybody: the local AWS knows its callers by their access key ids."""

TIMEOUT_SECONDS = 10
_LOOPBACK = "127.0.0.1,localhost"
# What is asked for here is never on the other side of a proxy.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_CLIENT_LOCK = Lock()


@dataclass(frozen=True)
class LocalAws:
    """A running local AWS, as the holder of one of its access keys uses it."""

    endpoint: str
    access_key_id: str = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> "LocalAws":
        """Return what `write` has written into a file.

        Raises:
            OSError: when the file cannot be read.
            ValueError: when it is no such file.
        """
        lines = path.read_text(encoding="utf-8").splitlines()
        variables = dict(line.split("=", 1) for line in lines if "=" in line)
        try:
            return cls(variables["AWS_ENDPOINT_URL"], variables["AWS_ACCESS_KEY_ID"])
        except KeyError as error:
            raise ValueError(f"{path} has no line {error.args[0]}=") from None

    def write(self, path: Path) -> None:
        """Write a file of variables that only this user can read, in the place of one that may be there."""
        # A session token that a shell already has belongs to another access key, and no proxy is to see this one.
        direct = dict.fromkeys(("NO_PROXY", "no_proxy"), _LOOPBACK)
        variables = {**self.environment, "AWS_SESSION_TOKEN": "", **direct}
        write_private(path, "".join(f"{name}={value}\n" for name, value in variables.items()))

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which AWS's own tools find it; of the two for the region some read one, some the other."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": NOT_VERIFIED,
        }

    @property
    def provider_settings(self) -> dict[str, str]:
        """The keys of a stack file that give the Pulumi provider its credentials."""
        return {"aws:accessKey": self.access_key_id, "aws:secretKey": NOT_VERIFIED}

    @property
    def authorization(self) -> str:
        """The Authorization header of a request that no AWS client makes."""
        scope = f"{self.access_key_id}/20000101/{REGION}/ccapi/aws4_request"
        return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={NOT_VERIFIED}"

    def client(self, service: str, *, region: str = REGION, **options: Any) -> Any:
        """Return a new client of a service, with options of `botocore.config.Config`."""
        # Late, since the emulator is to tell of a busy port before it imports this.
        import boto3  # noqa: PLC0415
        from botocore.config import Config  # noqa: PLC0415

        make: Any = boto3.client
        # Making clients is not thread-safe, using them is.
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
        """Call an endpoint under /ccapi/ and return its answer.

        Raises:
            urllib.error.HTTPError: when it is refused.
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
    """Return the shell command that exports the variables of a file that `LocalAws.write` has written."""
    return f"set -a; . {quote(str(path.resolve()))}; set +a"


def write_private(path: Path, text: str) -> None:
    """Write a file that only this user can read, in the place of one that may be there."""
    new = path.with_name(f"{path.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    # Created with its mode: a later chmod would leave a moment in which other users could open it.
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)


def make_private(folder: Path) -> None:
    """Make a folder that only this user can look into, or take the permissions of all others from one.

    Raises:
        OSError: when it cannot be made, or belongs to another user, who could open it again.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(errno.EPERM, "the folder belongs to another user", str(folder))
    folder.chmod(0o700)
