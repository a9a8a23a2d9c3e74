"""A key is hidden in every form in which a program may write it."""

import base64
import json
import textwrap
from urllib.parse import quote

import pytest

from tests.container.programs import PRIVATE_KEY, SERVICE_ACCOUNT
from worker.workloads.command.credentials import ServiceAccount
from worker.workloads.command.lines import LINE_CHARACTERS, Lines

ACCOUNT = ServiceAccount(json.dumps(SERVICE_ACCOUNT, indent=2))
KEY_LINES = PRIVATE_KEY.splitlines()[1:-1]
BODY = "".join(KEY_LINES)
JSON = json.dumps(SERVICE_ACCOUNT)
# Fewer consecutive characters than this reveal nothing of a key.
REVEALING = 8


DER = base64.b64decode(BODY)


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


FORMS = {
    "as it is": PRIVATE_KEY,
    "as downloaded": json.dumps(SERVICE_ACCOUNT, indent=2),
    "escaped twice": json.dumps(JSON),
    "escaped thrice": json.dumps(json.dumps(JSON)),
    "CRLF": PRIVATE_KEY.replace("\n", "\r\n"),
    "CRLF, escaped": json.dumps(PRIVATE_KEY.replace("\n", "\r\n")),
    "joined by blanks": PRIVATE_KEY.replace("\n", " "),
    "without line ends": PRIVATE_KEY.replace("\n", ""),
    "without its frame": BODY,
    "in Python": repr(KEY_LINES),
    "with a BOM": f"\ufeff{JSON}",
    "in a URL": PRIVATE_KEY.replace("\n", "%0A"),
    "base64 of its JSON": encoded(JSON),
    "base64 of the secret": encoded(ACCOUNT.text),
    "base64 of the body": encoded(BODY),
    "base64 of the key": encoded(PRIVATE_KEY),
    "base64 of the key with CRLF": encoded(PRIVATE_KEY.replace("\n", "\r\n")),
    "base64 in lines": base64.encodebytes(JSON.encode()).decode(),
    "base64 for URLs": base64.urlsafe_b64encode(JSON.encode()).decode(),
    "base64 of something around it": encoded(f"x{BODY}"),
    "base64 twice": encoded(encoded(PRIVATE_KEY)),
    "in hexadecimal": PRIVATE_KEY.encode().hex(),
    "in upper hexadecimal": JSON.encode().hex().upper(),
    "quoted for a URL": quote(PRIVATE_KEY, safe=""),
    "with its signs escaped": PRIVATE_KEY.replace("+", "\\u002b").replace("/", "\\u002F"),
    "in HTML": PRIVATE_KEY.replace("+", "&#43;").replace("/", "&#x2F;").replace("\n", "&#10;"),
    "by semicolons": ";".join(BODY[start : start + 6] for start in range(0, len(BODY), 6)),
    "by blanks of no width": "\u200b".join(BODY[start : start + 7] for start in range(0, len(BODY), 7)),
    "base32 of the key": base64.b32encode(PRIVATE_KEY.encode()).decode(),
    "base32 of its JSON": base64.b32encode(JSON.encode()).decode(),
    "base32 of something around it": base64.b32encode(f"xy{BODY}".encode()).decode(),
    "base32 of the DER": base64.b32encode(DER).decode(),
    "lower base32 in groups": " ".join(textwrap.wrap(base64.b32encode(DER).decode().lower(), 4)),
    "hexadecimal of the DER": DER.hex(),
    "hexadecimal of the DER by colons": DER.hex(":"),
    "bytes of the DER in Python": "".join(f"\\x{byte:02x}" for byte in DER),
    "bytes of the DER in C": ", ".join(f"0x{byte:02X}" for byte in DER),
    "code points in JSON": "".join(f"\\u{ord(character):04x}" for character in PRIVATE_KEY),
    "every byte quoted for a URL": "".join(f"%{byte:02X}" for byte in PRIVATE_KEY.encode()),
    "every byte quoted twice": "".join(f"%25{byte:02x}" for byte in JSON.encode()),
    "base64 of the DER in lines": base64.encodebytes(DER).decode(),
    "base64 of something around the DER": base64.b64encode(b"x" + DER).decode(),
    "JSON quoted for a URL": quote(JSON, safe=""),
    "JSON quoted twice": quote(quote(JSON, safe=""), safe=""),
    "quoted-printable": BODY.replace("=", "=3D").replace("a", "a=\n"),
    "in UTF-16": PRIVATE_KEY.encode("utf-16-le").decode("utf-8"),
    "in bytes of a few": " ".join(BODY[start : start + 5] for start in range(0, len(BODY), 5)),
}


def is_shown(secret: str, text: str) -> bool:
    """Return True if a text contains enough consecutive characters of a secret to reveal a part of it."""
    return any(secret[start : start + REVEALING] in text for start in range(len(secret) - REVEALING + 1))


@pytest.mark.parametrize("form", FORMS)
def test_a_key_is_hidden_whatever_its_form(form: str) -> None:
    hidden = ACCOUNT.hidden_in(f"the key is {FORMS[form]} § that is all")
    assert hidden.startswith("the key is ")
    assert hidden.endswith("§ that is all")
    for secret in (BODY, *KEY_LINES, encoded(PRIVATE_KEY), encoded(BODY), SERVICE_ACCOUNT["private_key_id"]):
        assert not is_shown(secret, hidden)
        assert not is_shown(secret, "".join(hidden.split()))
    for plain in (DER.hex(), base64.b32encode(DER).decode()):
        assert not is_shown(plain.lower(), "".join(hidden.lower().split()))


def test_text_that_is_not_a_key_is_not_hidden() -> None:
    text = f"{SERVICE_ACCOUNT['client_email']}: 2026-11-23 10:00 - INFO - Analyzing jakarta, 9876543210 (abcdef0)"
    assert ACCOUNT.hidden_in(text) == text
    account, frame = f"{SERVICE_ACCOUNT['private_key_id']} {PRIVATE_KEY}", "PRIVATE KEY-----"
    assert ACCOUNT.hidden_in(account).split("\n") == [
        f"*** -----BEGIN {frame}",
        "***",
        f"-----END {frame}",
        "",
    ]


def test_a_key_is_hidden_line_by_line() -> None:
    assert {ACCOUNT.hidden_in(f"{line}\n") for line in KEY_LINES} <= {"***\n", "***"}


@pytest.mark.parametrize("characters", [3, 7, 30, 300])
@pytest.mark.parametrize(
    "form", ["without its frame", "base32 of the DER", "hexadecimal of the DER", "base64 of the body"]
)
def test_a_key_is_hidden_even_over_several_lines(form: str, characters: int) -> None:
    secret = "".join(FORMS[form].split())
    shown, before = [], ""
    for line in textwrap.wrap(secret, characters, break_on_hyphens=False):
        shown.append(ACCOUNT.hidden_in(line, before))
        before = f"{before}\n{line}"
    # The first lines are too short to be recognised, and too short to reveal anything.
    assert len("".join(filter(str.isalnum, "".join(shown)))) <= REVEALING


def test_a_program_that_writes_a_key_in_two_writes_shows_none_of_it() -> None:
    for cut in range(len(PRIVATE_KEY)):
        lines = Lines()
        pieces = [*lines.feed(PRIVATE_KEY[:cut]), *lines.feed(PRIVATE_KEY[cut:]), *lines.close()]
        shown = "\n".join(ACCOUNT.hidden_in(piece) for piece in pieces)
        assert not is_shown(BODY, "".join(shown.split()))


@pytest.mark.parametrize(
    "form", ["as downloaded", "joined by blanks", "without line ends", "base64 of its JSON"]
)
@pytest.mark.parametrize("before", range(LINE_CHARACTERS - 140, LINE_CHARACTERS, 20))
def test_a_key_is_hidden_although_a_line_is_cut_in_it(form: str, before: int) -> None:
    lines = Lines()
    text = f"{'x' * (before - 1)} {FORMS[form]}".replace("\n", " ")
    found = [ACCOUNT.hidden_in(line) for line in (*lines.feed(text), *lines.close())]
    assert len(found) > 1
    assert not [
        secret for secret in (BODY, encoded(PRIVATE_KEY), encoded(JSON)) if is_shown(secret, "".join(found))
    ]
