"""`python3 .ci/issue.py TITLE CHECK=RESULT...`: keeps one issue open as long as a check does not pass.

A RESULT is that of a job of GitHub Actions: success, skipped, failure or cancelled. The issue is opened at the first
failure, gets a comment at each further one, and is closed when all pass. It runs `gh`, which takes the token from
GH_TOKEN, and uses the standard library only.
"""

import json
import os
import subprocess
import sys

PASSED = ("success", "skipped")
AUTHOR = "app/github-actions"


def main() -> None:
    """Open, extend or close the issue."""
    title, *checks = sys.argv[1:]
    results = dict(check.split("=", 1) for check in checks)
    failed = [f"- {name}: {result}" for name, result in results.items() if result not in PASSED]
    number = _open_issue(title)
    run = "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}".format(**os.environ)
    body = "\n".join([*failed, "", run])
    if failed and number:
        _gh("issue", "comment", number, "--body", body)
    elif failed:
        _gh("issue", "create", "--title", title, "--body", body)
    elif number:
        _gh("issue", "close", number, "--comment", f"All checks passed: {run}")


def _open_issue(title: str) -> str:
    """Return the number of the open issue with the title, or nothing if there is none."""
    found = json.loads(
        _gh(
            "issue", "list", "--author", AUTHOR, "--state", "open", "--limit", "500", "--json", "number,title"
        )
    )
    return next((str(issue["number"]) for issue in found if issue["title"] == title), "")


def _gh(*arguments: str) -> str:
    return subprocess.run(["gh", *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    main()
