"""The decision on every request to the local AWS: on whose behalf it is made, or why it is refused."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from local.emulator.callers import Caller, Kind, named_execution
from local.loopback import refusal

KeyHolder = Callable[[str], Caller | None]

# The ways in which an AWS client names its access key. Sources: AWS IAM User Guide, "Elements of an AWS API request
# signature"; Amazon S3 User Guide, "Signing and authenticating REST requests (AWS signature version 2)".
_VERSION_4 = re.compile(r"\bCredential=([^/,\s]*)")
_VERSION_2 = re.compile(r"AWS ([^:\s]*):")
_QUERY_NAMES = frozenset({"x-amz-credential", "awsaccesskeyid"})

# What moto and this project have beside the services of AWS: with these, everything can be deleted or be made to fail.
_ADMIN_PATHS = ("/ccapi/", "/moto-api", "/latest/")
_ADMINISTRATORS = frozenset({Kind.DEVELOPER, Kind.AGENT})


@dataclass(frozen=True)
class Refused:
    """A request that is not answered."""

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
    """Return on whose behalf a request is made, or the reason why it is refused.

    Args:
        method: of the request.
        target: as the request line has it.
        path: of the target, decoded.
        headers: each as often as it was sent.
        port: on which the local AWS listens.
        holder: returns whose an access key is.
        remedy: what a person without an access key has to do, as a sentence.
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
        return Refused(f"The access key is none of this local AWS, which draws new ones each time. {remedy}")
    if path.startswith(_ADMIN_PATHS) and caller.kind not in _ADMINISTRATORS:
        return Refused(f"The access key does not open {path}.")
    return named_execution(sent) if caller.kind is Kind.EMULATOR else caller


def _access_keys(target: str, headers: Iterable[tuple[str, str]]) -> list[str]:
    """Return each access key that a request names, in its headers or in its query string."""
    found = []
    for name, value in headers:
        if name.lower() == "authorization":
            found += (_VERSION_2 if value.startswith("AWS ") else _VERSION_4).findall(value)
    query = parse_qsl(urlsplit(target).query, keep_blank_values=True)
    found += [value.split("/")[0] for name, value in query if name.lower() in _QUERY_NAMES]
    return found
