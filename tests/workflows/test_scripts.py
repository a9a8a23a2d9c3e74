"""The scripts in .ci/ that write to GitHub, with a stand-in for its command `gh` that records each call."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.stacks import ROOT

STAND_IN = """#!{python}
import json, pathlib, sys
folder = pathlib.Path({folder!r})
with (folder / "calls").open("a") as calls:
    print(json.dumps(sys.argv[1:]), file=calls)
answers = json.loads((folder / "answers").read_text())
print(next((answer for words, answer in answers.items() if " ".join(sys.argv[1:]).startswith(words)), ""))
"""
RUN = "https://github.com/owner/repository/actions/runs/17"
TITLE = "Weekly checks"


@dataclass(frozen=True)
class GitHub:
    """The recorded calls of `gh`, and its answers by the words that a call begins with."""

    folder: Path

    def answer(self, answers: Mapping[str, Any]) -> None:
        texts = {
            words: answer if isinstance(answer, str) else json.dumps(answer)
            for words, answer in answers.items()
        }
        (self.folder / "answers").write_text(json.dumps(texts), encoding="utf-8")

    @property
    def writes(self) -> list[list[str]]:
        """The calls that change something."""
        calls = [json.loads(line) for line in (self.folder / "calls").read_text().splitlines()]
        return [call for call in calls if "list" not in call and "--paginate" not in call]

    def run(self, *command: str, cwd: Path = ROOT) -> "subprocess.CompletedProcess[str]":
        (self.folder / "calls").write_text("")
        environment = {
            **os.environ,
            "PATH": f"{self.folder}{os.pathsep}{os.environ['PATH']}",
            "GITHUB_REPOSITORY": "owner/repository",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_RUN_ID": "17",
        }
        return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=True)


@pytest.fixture
def github(tmp_path: Path) -> GitHub:
    folder = tmp_path / "gh"
    folder.mkdir()
    stand_in = folder / "gh"
    stand_in.write_text(STAND_IN.format(python=sys.executable, folder=str(folder)), encoding="utf-8")
    stand_in.chmod(0o755)
    found = GitHub(folder)
    found.answer({})
    return found


@pytest.fixture
def comment(tmp_path: Path) -> Path:
    path = tmp_path / "comment.md"
    path.write_text("<!-- ccapi-policy -->\n$(touch /tmp/x) passed\n", encoding="utf-8")
    return path


def posted(number: int, login: str, body: str) -> dict[str, Any]:
    return {"id": number, "user": {"login": login}, "body": body}


def test_the_first_comment_is_posted(github: GitHub, comment: Path) -> None:
    of_others = [
        posted(1, "somebody", "<!-- ccapi-policy -->\nnot ours"),
        posted(2, "github-actions[bot]", "another comment"),
    ]
    github.answer({"api --paginate": [of_others, []]})
    github.run(sys.executable, ".ci/comment.py", "8", str(comment))
    (call,) = github.writes
    assert call[-4:] == ["POST", "repos/owner/repository/issues/8/comments", "--field", f"body=@{comment}"]


def test_a_later_comment_replaces_the_first(github: GitHub, comment: Path) -> None:
    ours = posted(3, "github-actions[bot]", "<!-- ccapi-policy -->\r\nrefused")
    github.answer({"api --paginate": [[posted(1, "somebody", "hello")], [ours]]})
    github.run(sys.executable, ".ci/comment.py", "8", str(comment))
    (call,) = github.writes
    assert call[-4:-2] == ["PATCH", "repos/owner/repository/issues/comments/3"]


@pytest.mark.parametrize(
    ("is_open", "results", "call"),
    [
        (False, ["tests=success", "drift=skipped"], None),
        (
            False,
            ["tests=success", "drift=failure"],
            ["create", "--title", TITLE, "--body", f"- drift: failure\n\n{RUN}"],
        ),
        (
            True,
            ["tests=cancelled", "drift=success"],
            ["comment", "5", "--body", f"- tests: cancelled\n\n{RUN}"],
        ),
        (True, ["tests=success", "drift=success"], ["close", "5", "--comment", f"All checks passed: {RUN}"]),
    ],
)
def test_one_issue_is_open_as_long_as_a_check_fails(
    github: GitHub, is_open: bool, results: list[str], call: list[str] | None
) -> None:
    others = [{"number": 4, "title": f"{TITLE} of another"}]
    github.answer({"issue list": [*others, *([{"number": 5, "title": TITLE}] if is_open else [])]})
    github.run(sys.executable, ".ci/issue.py", TITLE, *results)
    assert github.writes == ([["issue", *call]] if call else [])


def test_changed_locks_are_pushed_and_proposed_once(github: GitHub, tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        return subprocess.check_output(["git", *arguments], cwd=checkout, text=True).strip()

    checkout, remote = tmp_path / "checkout", tmp_path / "remote.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(remote)], check=True)
    subprocess.run(
        ["git", "clone", "--quiet", str(remote), str(checkout)], check=True, stderr=subprocess.DEVNULL
    )
    lock = checkout / "requirements.txt"
    lock.write_text("one==1\n", encoding="utf-8")
    git("add", "--all")
    git("-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "--quiet", "--message", "lock")
    artifact = tmp_path / "locks"
    artifact.mkdir()
    locked = artifact / lock.name
    locked.write_text("one==1\n", encoding="utf-8")
    (artifact / "other.txt").write_text("not asked for", encoding="utf-8")
    arguments = ("update/python-packages", "build: update the Python packages", str(artifact), lock.name)
    propose = (str(ROOT / ".ci" / "propose"), *arguments)

    assert github.run(*propose, cwd=checkout).stdout == "Nothing has changed.\n"
    locked.write_text("one==2\n", encoding="utf-8")
    github.run(*propose, cwd=checkout)
    assert github.writes[0][:4] == ["pr", "create", "--head", "update/python-packages"]
    assert git("ls-remote", "origin", "refs/heads/update/python-packages").startswith(
        git("rev-parse", "HEAD")
    )
    assert (
        git("log", "-1", "--format=%s by %an") == "build: update the Python packages by github-actions[bot]"
    )
    assert git("ls-files") == lock.name

    git("switch", "--quiet", "--detach", "HEAD~1")
    git("branch", "--quiet", "--delete", "--force", "update/python-packages")
    secret = tmp_path / "secret"
    secret.write_text("token", encoding="utf-8")
    locked.unlink()
    locked.symlink_to(secret)
    github.answer({"pr list": "9"})
    github.run(*propose, cwd=checkout)
    assert github.writes == []
    # A link in the artifact reveals no file of the machine.
    assert git("show", f"HEAD:{lock.name}") == str(secret)
    assert git("ls-remote", "origin", "refs/heads/update/python-packages").startswith(
        git("rev-parse", "HEAD")
    )
