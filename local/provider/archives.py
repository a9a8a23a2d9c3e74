"""Assets and archives of a Pulumi program, and the zip file of an archive for Lambda."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from local.provider.errors import ProviderError
from local.provider.values import ARCHIVE, SIGNATURE

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of all files, so that equal content makes equal zip files."""


def zipped(archive: dict[str, Any]) -> bytes:
    """Return the zip file of an archive: a folder, a zip file, or single files."""
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
        raise ProviderError("remote archives are not supported; use an archive of local files.")


def _content(asset: dict[str, Any]) -> bytes:
    if "text" in asset:
        return str(asset["text"]).encode()
    if "path" in asset:
        return Path(asset["path"]).read_bytes()
    raise ProviderError("remote assets are not supported; use a local file or a text.")
