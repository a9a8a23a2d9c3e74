import subprocess
from pathlib import Path

import pytest

from guardrails.preview.revision import RevisionError, unpack


def git(folder: Path, *arguments: str) -> None:
    named = ["-c", "user.name=Developer", "-c", "user.email=developer@example.com"]
    subprocess.run(["git", *named, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with two commits and a project in one of its folders."""
    folder = tmp_path / "repository" / "project"
    folder.mkdir(parents=True)
    git(folder.parent, "init", "--initial-branch", "main")
    for name, text in (("notes.md", "1"), ("Pulumi.yaml", "name: small"), ("Pulumi.yaml", "name: large")):
        (folder / name).write_text(text, encoding="utf-8")
        git(folder, "add", ".")
        git(folder, "commit", "--message", f"{name} {text}")
    (folder / "Pulumi.yaml").write_text("name: mine", encoding="utf-8")
    return folder


@pytest.mark.parametrize(("name", "text"), [("main", "name: large"), ("HEAD~1", "name: small")])
def test_the_files_of_a_revision_are_written_and_the_checkout_is_unchanged(
    name: str, text: str, checkout: Path, tmp_path: Path
) -> None:
    revision = unpack(name, checkout, tmp_path / "unpacked")
    assert revision.project == tmp_path / "unpacked" / "project"
    assert revision.name.startswith(f"{name} (")
    assert {file.name for file in revision.project.iterdir()} == {"notes.md", "Pulumi.yaml"}
    assert (revision.project / "Pulumi.yaml").read_text(encoding="utf-8") == text
    assert (checkout / "Pulumi.yaml").read_text(encoding="utf-8") == "name: mine"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gone", "git knows no revision gone; fetch it first"),
        ("--all", "git knows no revision --all"),
        ("HEAD:Pulumi.yaml", "git knows no revision HEAD:Pulumi.yaml"),
        ("HEAD~2", "HEAD~2 holds no Pulumi.yaml"),
    ],
)
def test_a_revision_without_a_program_is_refused(
    name: str, said: str, checkout: Path, tmp_path: Path
) -> None:
    with pytest.raises(RevisionError) as raised:
        unpack(name, checkout, tmp_path / "unpacked")
    assert str(raised.value).startswith(said)


def test_a_folder_outside_of_a_repository_has_no_revision(tmp_path: Path) -> None:
    with pytest.raises(RevisionError, match="is in no git repository; name the folder of the base"):
        unpack("main", tmp_path, tmp_path / "unpacked")
