import os
import stat
import subprocess
from pathlib import Path

import pytest

from local.aws import LocalAws, export_command, make_private

KEY = "AKIATHEKEYOFNOBODY"


def test_a_file_is_read_as_it_was_written_and_no_other_user_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "developer.env"
    path.write_text("an older one")
    path.chmod(0o644)
    aws = LocalAws("http://127.0.0.1:5000", KEY)

    old = os.umask(0)
    try:
        aws.write(path)
    finally:
        os.umask(old)

    assert LocalAws.read(path) == aws
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_was_open_is_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir(mode=0o755)
    make_private(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder to another user")
def test_a_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    os.chown(tmp_path, 65534, 65534)
    with pytest.raises(PermissionError, match="belongs to another user"):
        make_private(tmp_path)


def test_the_export_command_overrides_the_aws_variables_of_the_shell(tmp_path: Path) -> None:
    path = tmp_path / "a user's folder" / "developer.env"
    path.parent.mkdir()
    LocalAws("http://127.0.0.1:5000", KEY).write(path)
    before = {"PATH": os.environ["PATH"], "AWS_ACCESS_KEY_ID": "other", "AWS_SESSION_TOKEN": "other"}

    shown = subprocess.run(
        ["sh", "-c", f"{export_command(path)}; env"], env=before, capture_output=True, text=True, check=True
    ).stdout.splitlines()

    assert {line for line in shown if line.startswith("AWS_")} == {
        "AWS_ENDPOINT_URL=http://127.0.0.1:5000",
        "AWS_REGION=us-east-1",
        "AWS_DEFAULT_REGION=us-east-1",
        f"AWS_ACCESS_KEY_ID={KEY}",
        "AWS_SECRET_ACCESS_KEY=not-verified",
        "AWS_SESSION_TOKEN=",
    }
    # The shell's proxy would receive the key.
    assert {"NO_PROXY=127.0.0.1,localhost", "no_proxy=127.0.0.1,localhost"} <= set(shown)


def test_neither_the_command_nor_a_representation_shows_the_key(tmp_path: Path) -> None:
    aws = LocalAws("http://127.0.0.1:5000", KEY)
    assert KEY not in export_command(tmp_path / "developer.env")
    assert KEY not in repr(aws)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("AWS_REGION=us-east-1\n")
    with pytest.raises(ValueError, match="has no line AWS_ENDPOINT_URL="):
        LocalAws.read(tmp_path / "other")
