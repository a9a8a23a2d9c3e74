"""The checks of a service account's key, and the descriptions of its damage."""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

# Source: https://cloud.google.com/iam/docs/keys-create-delete, the JSON of a service account's key.
_FIELDS = ("client_email", "private_key", "token_uri")
# Source: https://google.aip.dev/auth, the types of a credentials file.
_OTHER_TYPES = {
    "authorized_user": "is the login of a person",
    "external_account": (
        "is workload identity federation, which needs AWS credentials that a program is not given, and Earth Engine's "
        "ServiceAccountCredentials take none of it"
    ),
    "external_account_authorized_user": "is workforce identity federation, the login of a person",
    "gdch_service_account": "is an account of Google Distributed Cloud",
    "impersonated_service_account": "needs the credentials of another account, which are not available",
}
_PEM = re.compile(
    r"\s*-----BEGIN (?P<kind>(?:[A-Z]+ )?PRIVATE KEY)-----(?P<body>.*)-----END (?P=kind)-----\s*", re.DOTALL
)
_LONGEST_LINE = 76
_SEQUENCE = 0x30


def text_of(secret: str | bytes) -> str:
    """Return a secret as text; Secrets Manager returns a string or bytes.

    Raises:
        ValueError: if it is not text.
    """
    if isinstance(secret, bytes):
        # PowerShell writes UTF-16.
        encoding = "utf-16" if secret[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8"
        secret = secret.decode(encoding)
    return secret.removeprefix("\ufeff")


def why_no_object(text: str) -> str:
    """Return the reason why a secret is not a JSON object."""
    return next(_mistakes(text.strip()), "holds no JSON object")


def _mistakes(text: str) -> Iterator[str]:
    if not text:
        yield "is empty"
    if text.startswith("file://"):
        yield "holds the name of a file, not its content"
    if isinstance(_json(text), str):
        yield "holds no JSON object: it is the JSON written as a text of JSON"
    if isinstance(_json(text.strip("'\"")), dict):
        yield "holds no JSON object: there are quotes around it"
    if isinstance(_json(text.replace('\\"', '"').strip("'\"")), dict):
        yield "holds no JSON object: its quotes are escaped"
    if isinstance(_json(_decoded(text)), dict):
        yield "holds no JSON object: it is the base64 of one"
    if isinstance(_json(text, strict=False), dict):
        yield "holds no JSON object: its private_key has line ends where JSON has \\n"
    if text.startswith("{") and not text.endswith("}"):
        yield "holds no JSON object: its end is missing"


def faults(fields: Mapping[str, Any]) -> Iterator[str]:
    """Yield the errors in the fields of a service account."""
    kind = fields.get("type")
    if isinstance(kind, str) and kind in _OTHER_TYPES:
        yield f"type is {kind}, not service_account: it {_OTHER_TYPES[kind]}"
        return
    if len(fields) == 1 and isinstance(_json(next(iter(fields.values()))), dict):
        yield "the JSON is the value of another key: the console of Secrets Manager was given it as a key and a value"
        return
    if kind != "service_account":
        yield "type is not service_account"
    for name in _FIELDS:
        if not (isinstance(fields.get(name), str) and fields[name]):
            yield f"{name} is missing"
    key = fields.get("private_key")
    if isinstance(key, str) and key and (wrong := next(_wrong_with_pem(key), "")):
        yield f"private_key {wrong}"


def _wrong_with_pem(key: str) -> Iterator[str]:
    """Yield the errors in a private key in PEM, the cause first."""
    if "\\n" in key or "\\r" in key:
        yield "has its line ends escaped twice, as \\\\n"
    pem = _PEM.fullmatch(key)
    if pem is None:
        yield from (
            f"has no line {line} PRIVATE KEY" for line in ("BEGIN", "END") if f"-----{line}" not in key
        )
        yield "has other text around it, or its first and its last line do not agree"
        return
    if pem["kind"] == "ENCRYPTED PRIVATE KEY":
        yield "is encrypted with a password"
    body = pem["body"]
    if any(" " in line.strip() for line in body.splitlines()):
        yield "has blanks in place of its line ends"
    if not body.startswith(("\n", "\r\n")) or (
        "\n" not in body.strip() and len(body.strip()) > _LONGEST_LINE
    ):
        yield "has no line ends"
    try:
        content = base64.b64decode("".join(body.split()), validate=True)
    except (binascii.Error, ValueError):
        yield "is cut off or changed: it is not base64"
        return
    if not _is_whole(content):
        yield "is cut off or changed: its length is not the one in its header"


def _is_whole(content: bytes) -> bool:
    """Return true if the bytes are one ASN.1 sequence in DER of the length in its header: ITU-T X.690."""
    if len(content) < 2 or content[0] != _SEQUENCE:
        return False
    length, start = content[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(content[2:start], "big")
    return len(content) == start + length


def _json(text: str | None, *, strict: bool = True) -> Any:
    try:
        return json.loads(text or "", strict=strict)
    except (TypeError, ValueError, RecursionError):
        return None


def _decoded(text: str) -> str | None:
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode("utf-8-sig")
    except (binascii.Error, ValueError):
        return None
