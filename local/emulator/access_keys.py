"""The access keys of a local AWS: their holders, and the files that they are written to."""

import base64
import secrets
from collections.abc import Callable
from hmac import compare_digest
from pathlib import Path
from threading import Lock

from local.aws import LocalAws, make_private, write_private
from local.emulator.callers import Caller, Kind

DEVELOPER_FILE, AGENT_FILE = "developer.env", "agent.env"
DEVELOPER_HEADER_FILE = "developer.header"
"""The header for `curl -H @FILE`, since other users can read the arguments of a command."""

# 160 bits in the letters and digits that AWS has in access key ids (AWS IAM API Reference, "AccessKey").
_RANDOM_BYTES = 20


class AccessKeys:
    """The random access keys of one local AWS, one for each holder."""

    def __init__(self) -> None:
        self._keys: dict[Caller, bytes] = {}
        self._lock = Lock()
        self.on_change: Callable[[Caller, bytes | None], None] = lambda _holder, _key: None
        """Called with a holder and its new key, or None when the key is revoked."""

    def issue(self, holder: Caller) -> str:
        """Return a new access key id for a holder, and revoke the old one."""
        key = "AKIA" + base64.b32encode(secrets.token_bytes(_RANDOM_BYTES)).decode()
        self.restore(holder, key.encode())
        self.on_change(holder, key.encode())
        return key

    def restore(self, holder: Caller, key: bytes | None) -> None:
        """Give a holder a key that was issued before, or none."""
        with self._lock:
            self._keys.pop(holder, None)
            if key is not None:
                self._keys[holder] = key

    def key_of(self, holder: Caller) -> str:
        """Return the access key id of a holder, a new one if it has none."""
        with self._lock:
            known = self._keys.get(holder)
        return self.issue(holder) if known is None else known.decode()

    def issue_once(self, holder: Caller) -> str | None:
        """Return a new access key id for a holder without one, or None if it has one."""
        with self._lock:
            has_key = holder in self._keys
        return None if has_key else self.issue(holder)

    def revoke(self, holder: Caller) -> None:
        """Revoke the access key of a holder, if it has one."""
        with self._lock:
            had_key = self._keys.pop(holder, None) is not None
        if had_key:
            self.on_change(holder, None)

    def holder(self, key: str) -> Caller | None:
        """Return the holder of an access key, in the same time for every unknown key."""
        given, found = key.encode(errors="replace"), None
        with self._lock:
            for holder, known in self._keys.items():
                if compare_digest(known, given):
                    found = holder
        return found


KEYS = AccessKeys()
"""The access keys of this process."""


def write_files(endpoint: str, folder: Path) -> None:
    """Write the keys of the developer and of the agent to files that only this user can read."""
    make_private(folder)
    developer = LocalAws(endpoint, KEYS.key_of(Caller(Kind.DEVELOPER)))
    developer.write(folder / DEVELOPER_FILE)
    write_private(folder / DEVELOPER_HEADER_FILE, f"Authorization: {developer.authorization}\n")
    LocalAws(endpoint, KEYS.key_of(Caller(Kind.AGENT))).write(folder / AGENT_FILE)
