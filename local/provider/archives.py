"""Assets and archives, as they come from a program, and the zip file that Lambda wants of them."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from local.provider.errors import ProviderError
from local.provider.values import ARCHIVE, SIGNATURE

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""One time for all files, so that the same content is the same zip file."""


def zipped(archive: dict[str, Any]) -> bytes:
    """Pack an archive: a folder, a zip file, or files given one by one."""
    path = Path(archive.get("path", ""))
    if "path" in archive and path.is_file():
        return path.read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in sorted(_files(archive)):
            packed.writestr(zipfile.ZipInfo(name, _EPOCH), content)
    return buffer.getvalue()


def _files(archive: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, bytes]]:
    if "path" in archive:
        root = Path(archive["path"])
        for file in root.rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                yield prefix + file.relative_to(root).as_posix(), file.read_bytes()
    elif "assets" in archive:
        for name, item in archive["assets"].items():
            if item[SIGNATURE] == ARCHIVE:
                yield from _files(item, f"{prefix}{name}/")
            else:
                yield prefix + name, _content(item)
    else:
        raise ProviderError("only archives of local files are supported: no remote archive can be read here.")


def _content(asset: dict[str, Any]) -> bytes:
    if "text" in asset:
        return str(asset["text"]).encode()
    if "path" in asset:
        return Path(asset["path"]).read_bytes()
    raise ProviderError("only local assets are supported: no remote asset can be read here.")
