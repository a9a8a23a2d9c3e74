import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from local.provider.archives import zipped
from local.provider.errors import ProviderError
from local.provider.values import ARCHIVE, ASSET, SIGNATURE


def archive(**content: Any) -> dict[str, Any]:
    return {SIGNATURE: ARCHIVE, **content}


def asset(**content: Any) -> dict[str, Any]:
    return {SIGNATURE: ASSET, **content}


def files(packed: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        return {name: opened.read(name).decode() for name in opened.namelist()}


def test_a_folder_is_packed_with_everything_in_it_but_caches(tmp_path: Path) -> None:
    (tmp_path / "inner" / "__pycache__").mkdir(parents=True)
    (tmp_path / "notifier.py").write_text("one")
    (tmp_path / "inner" / "text.py").write_text("two")
    (tmp_path / "inner" / "__pycache__" / "text.pyc").write_text("no")

    assert files(zipped(archive(path=str(tmp_path)))) == {"notifier.py": "one", "inner/text.py": "two"}


def test_files_given_one_by_one_keep_their_names(tmp_path: Path) -> None:
    (tmp_path / "b.py").write_text("two")
    inner = archive(assets={"c.py": asset(text="three")})

    given = {"a.py": asset(text="one"), "b.py": asset(path=str(tmp_path / "b.py")), "more": inner}

    assert files(zipped(archive(assets=given))) == {"a.py": "one", "b.py": "two", "more/c.py": "three"}


def test_a_zip_file_is_taken_as_it_is(tmp_path: Path) -> None:
    packed = zipped(archive(assets={"a.py": asset(text="one")}))
    (tmp_path / "code.zip").write_bytes(packed)

    assert zipped(archive(path=str(tmp_path / "code.zip"))) == packed


def test_the_same_content_is_the_same_zip_file(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one")

    assert zipped(archive(path=str(tmp_path))) == zipped(archive(assets={"a.py": asset(text="one")}))


@pytest.mark.parametrize(
    "remote",
    [archive(uri="https://example.com/code.zip"), archive(assets={"a": asset(uri="https://example.com/a")})],
)
def test_remote_assets_and_archives_are_refused(remote: dict[str, Any]) -> None:
    with pytest.raises(ProviderError, match="are not supported"):
        zipped(remote)
