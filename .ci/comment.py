"""`python3 .ci/comment.py NUMBER FILE`: writes FILE as a comment on a pull request.

It replaces the comment of GitHub Actions with the same first line, if there is one. It runs `gh`, which takes the token
from GH_TOKEN, and uses the standard library only, so that a job with permissions to write needs no set-up.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

AUTHOR = "github-actions[bot]"


def main() -> None:
    """Write the comment."""
    number, file = sys.argv[1:]
    repository = f"repos/{os.environ['GITHUB_REPOSITORY']}"
    comments = f"{repository}/issues/{number}/comments"
    marker = _first_line(Path(file).read_text(encoding="utf-8"))
    pages = json.loads(_gh("api", "--paginate", "--slurp", comments))
    found = [
        comment["id"]
        for page in pages
        for comment in page
        if comment["user"]["login"] == AUTHOR and _first_line(comment["body"]) == marker
    ]
    body = ("--field", f"body=@{file}")
    if found:
        _gh("api", "--silent", "--method", "PATCH", f"{repository}/issues/comments/{found[0]}", *body)
    else:
        _gh("api", "--silent", "--method", "POST", comments, *body)


def _first_line(text: str) -> str:
    return next(iter(text.splitlines()), "").strip()


def _gh(*arguments: str) -> str:
    return subprocess.run(["gh", *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    main()
