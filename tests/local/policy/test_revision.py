import subprocess
from pathlib import Path

import pytest

from local.policy import revision
from local.policy.command import policy
from local.policy.revision import RevisionError, unpack


def git(folder: Path, *arguments: str) -> None:
    named = ["-c", "user.name=Developer", "-c", "user.email=developer@example.com"]
    subprocess.run(["git", *named, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with two commits and a project in one of its folders."""
    folder = tmp_path / "repository" / "project"
    folder.mkdir(parents=True)
    git(folder, "init", "--initial-branch", "main")
    for name, text in (("notes.md", "1"), ("Pulumi.yaml", "name: small"), ("Pulumi.yaml", "name: large")):
        (folder / name).write_text(text, encoding="utf-8")
        git(folder, "add", ".")
        git(folder, "commit", "--message", f"{name} {text}")
    (folder / "Pulumi.yaml").write_text("name: mine", encoding="utf-8")
    monkeypatch.setattr(revision, "ROOT", folder)
    return folder


@pytest.mark.parametrize(("name", "text"), [("main", "name: large"), ("HEAD~1", "name: small")])
def test_the_files_of_a_revision_are_written_and_the_checkout_is_unchanged(
    name: str, text: str, checkout: Path, tmp_path: Path
) -> None:
    unpack(name, tmp_path / "unpacked")
    assert {file.name for file in (tmp_path / "unpacked").iterdir()} == {"notes.md", "Pulumi.yaml"}
    assert (tmp_path / "unpacked" / "Pulumi.yaml").read_text(encoding="utf-8") == text
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
@pytest.mark.usefixtures("checkout")
def test_a_revision_without_a_program_is_refused(name: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(RevisionError) as raised:
        unpack(name, tmp_path / "unpacked")
    assert str(raised.value).startswith(said)


@pytest.mark.usefixtures("checkout")
def test_an_unknown_revision_exits_with_two_after_a_report_that_names_the_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    commands: list[list[str]] = []
    codes = iter([0, 1, 3])

    def run(command: list[str]) -> int:
        commands.append(command)
        return next(codes)

    monkeypatch.setattr("local.policy.command._run", run)
    # A violation outweighs the wrong command line.
    assert [policy(["--base", "gone"]) for _ in range(3)] == [2, 1, 3]
    assert capsys.readouterr().err.startswith("make policy: git knows no revision gone;")
    for command in commands:
        assert command[command.index("--no-base") + 1].startswith("git knows no revision gone;")
        assert "--base" not in command
