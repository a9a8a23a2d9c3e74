"""The path of an S3 object below a local folder; keys that would be no file in that folder are refused.

`container/worker/object_path.py` holds the same code, because the worker is shipped alone.
"""

import os
import stat
from pathlib import Path

# Amazon S3 User Guide, "Naming Amazon S3 objects": at most 1,024 bytes of UTF-8. Every common file system: 255 a name.
MAX_KEY_BYTES = 1_024
MAX_NAME_BYTES = 255
_SHOWN_CHARACTERS = 100


class KeyRefusedError(ValueError):
    """A key that is no path of a file below the folder; the message holds the escaped, shortened key and the reason."""

    def __init__(self, key: str, reason: str) -> None:
        shown = ascii(key) if len(key) <= _SHOWN_CHARACTERS else f"{key[:_SHOWN_CHARACTERS]!a}…"
        super().__init__(f"{shown}: {reason}")


def object_path(folder: Path, key: str, prefix: str = "") -> Path:
    """Return the path below a folder of the object with this key, without its prefix.

    Raises:
        KeyRefusedError: where the key is no plain relative path, or a file, folder or link is in its way.
    """
    check_key(key, prefix)
    path, names = folder, key.removeprefix(prefix).split("/")
    for place, name in enumerate(names, start=1):
        path /= name
        is_last = place == len(names)
        try:
            mode = path.lstat().st_mode
        except FileNotFoundError:
            continue
        except OSError as error:
            raise KeyRefusedError(key, error.strerror or type(error).__name__) from error
        if stat.S_ISLNK(mode):
            raise KeyRefusedError(key, f"{name!a} is a symbolic link there")
        if is_last and stat.S_ISDIR(mode):
            raise KeyRefusedError(key, "it is a file and also a folder with other files")
        if not is_last and not stat.S_ISDIR(mode):
            raise KeyRefusedError(key, f"its folder {name!a} is also a file")
    return path


def check_key(key: str, prefix: str = "") -> None:
    """Raise KeyRefusedError unless a key is its prefix and a plain relative path."""
    if not key.startswith(prefix):
        raise KeyRefusedError(key, f"it does not begin with {prefix!a}")
    try:
        encoded = key.encode()
    except UnicodeEncodeError:
        raise KeyRefusedError(key, "it is no UTF-8") from None
    if len(encoded) > MAX_KEY_BYTES:
        raise KeyRefusedError(key, f"it has {len(encoded)} bytes, and a key at most {MAX_KEY_BYTES}")
    for forbidden, what in (("\0", "a NUL character"), ("\\", "a backslash")):
        if forbidden in key:
            raise KeyRefusedError(key, f"it has {what}")
    for name in key.removeprefix(prefix).split("/"):
        if name in {"", os.curdir, os.pardir}:
            raise KeyRefusedError(key, f"{name!a} is no name of a file or a folder")
        if len(name.encode()) > MAX_NAME_BYTES:
            raise KeyRefusedError(key, f"a name in it has more than {MAX_NAME_BYTES} bytes")
