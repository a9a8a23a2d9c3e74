"""The access decision on every request to the local AWS: its caller, or the reason for refusing it."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from local.emulator.callers import Caller, Kind, named_by
from local.loopback import refusal

KeyHolder = Callable[[str], Caller | None]

# The ways in which an AWS client names its access key. Sources: AWS IAM User Guide, "Elements of an AWS API request
# signature"; Amazon S3 User Guide, "Signing and authenticating REST requests (AWS signature version 2)".
_VERSION_4 = re.compile(r"\bCredential=([^/,\s]*)")
_VERSION_2 = re.compile(r"AWS ([^:\s]*):")
_QUERY_NAMES = frozenset({"x-amz-credential", "awsaccesskeyid"})

# Endpoints of moto and of this project beside AWS's services: they can delete everything or make it fail.
_ADMIN_PATHS = ("/ccapi/", "/moto-api", "/latest/")
_ADMINISTRATORS = frozenset({Kind.DEVELOPER, Kind.AGENT})


@dataclass(frozen=True)
class Refused:
    """A refused request."""

    reason: str


def decide(
    method: str,
    target: str,
    path: str,
    headers: Iterable[tuple[str, str]],
    *,
    port: int,
    holder: KeyHolder,
    remedy: str,
) -> Caller | Refused:
    """Return the caller of a request, or the reason for refusing it.

    Args:
        method: the request's method.
        target: the request line's target, unchanged.
        path: the target's path, decoded.
        headers: all headers, repeated ones included.
        port: the local AWS's port.
        holder: returns the holder of an access key.
        remedy: a sentence on how to get an access key.
    """
    sent = list(headers)
    if reason := refusal(method, target, sent, port):
        return Refused(reason)
    keys = _access_keys(target, sent)
    if len(keys) != 1:
        what = "has no access key" if not keys else "names an access key more than once"
        return Refused(f"The request {what}. {remedy}")
    caller = holder(keys[0])
    if caller is None:
        return Refused(
            f"The access key is not one of this local AWS, which creates new keys at each start. {remedy}"
        )
    if path.startswith(_ADMIN_PATHS) and caller.kind not in _ADMINISTRATORS:
        return Refused(f"The access key gives no access to {path}.")
    return named_by(caller, sent)


def _access_keys(target: str, headers: Iterable[tuple[str, str]]) -> list[str]:
    """Return each access key that a request names, in its headers or in its query string."""
    found = []
    for name, value in headers:
        if name.lower() == "authorization":
            found += (_VERSION_2 if value.startswith("AWS ") else _VERSION_4).findall(value)
    query = parse_qsl(urlsplit(target).query, keep_blank_values=True)
    found += [value.split("/")[0] for name, value in query if name.lower() in _QUERY_NAMES]
    return found
