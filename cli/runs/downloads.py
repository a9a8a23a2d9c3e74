"""The download of a run's files into a folder."""

import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cli.errors import OperatorError
from cli.exit_codes import ExitCode
from cli.runs.records import StoredFile
from cli.stack import Stack
from worker.object_path import KeyRefusedError, object_path


@dataclass(frozen=True)
class Downloaded:
    """The files that were written, and the objects that cannot be files, each with the reason."""

    paths: tuple[Path, ...]
    refused: tuple[str, ...]


def download(stack: Stack, files: Iterable[StoredFile], prefix: str, folder: Path) -> Downloaded:
    """Write objects below a folder, by their keys without the prefix.

    An existing file is replaced by a whole one: each object is written under a temporary name first.

    Raises:
        OperatorError: if the folder cannot be written.
    """
    s3, bucket = stack.client("s3"), stack["s3_reports_bucket"]
    paths: list[Path] = []
    refused: list[str] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            # A key that ends with a slash is a folder that a user made in the S3 console.
            if file.key.endswith("/"):
                continue
            try:
                target = object_path(folder, file.key, prefix)
            except KeyRefusedError as error:
                refused.append(str(error))
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            _write(s3, bucket, file.key, target)
            paths.append(target)
    except OSError as error:
        raise OperatorError(
            f"{error.filename or folder} cannot be written: {error.strerror or type(error).__name__}",
            "name another folder",
            ExitCode.WRONG_COMMAND_LINE,
        ) from None
    return Downloaded(tuple(paths), tuple(refused))


def _write(s3: object, bucket: str, key: str, target: Path) -> None:
    # A short name of its own: the target's may be as long as a file system allows.
    temporary = target.with_name(f".ccapi-{secrets.token_hex(6)}")
    try:
        s3.download_file(bucket, key, str(temporary))  # type: ignore[attr-defined]
        os.replace(temporary, target)  # noqa: PTH105 - `Path.replace` is the same call
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()
