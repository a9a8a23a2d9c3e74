"""The command `python -m local authorization`: a kept stack's grants, and the callers that need each."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from local.aws import LocalAws
from local.run.aws import DEVELOPER
from local.run.display import VisibleConsole
from local.run.kept_stack import read_kept_stack
from local.run.refused import read_refused, sentences
from local.run.resume import start_command


def authorization() -> int:
    """Print the grants of the kept stack, and return the exit code: 1 without a stack that runs."""
    console, kept = VisibleConsole(), read_kept_stack()
    if kept is None or not kept.answers():
        console.print(f"No stack is running; type `{start_command()}` first.")
        return 1
    aws = LocalAws.read(DEVELOPER)
    grants = list(read_grants(aws))
    table = Table(box=None, pad_edge=False)
    for column in ("policy", "action", "resource", "needed by"):
        table.add_column(column, overflow="fold")
    for grant in grants:
        table.add_row(
            *(Text(str(grant[key])) for key in ("policy", "action", "resource")),
            Text(", ".join(grant["needed_by"]) or "nothing yet"),
        )
    console.print(table)
    needed = sum(bool(grant["needed_by"]) for grant in grants)
    console.print(f"{needed} of {len(grants)} grants were needed so far.")
    for sentence in sentences(read_refused(aws)):
        console.print(Text(sentence, "red"))
    return 0


def read_grants(aws: LocalAws) -> Iterator[dict[str, Any]]:
    """Yield each grant of the policies in a local AWS, with the names of the callers that need it."""
    for grant in aws.admin("GET", "authorization/grants"):
        yield {**grant, "needed_by": sorted(set(_callers(grant["needed_by"])))}


def _callers(requests: Iterable[Mapping[str, str]]) -> Iterator[str]:
    for request in requests:
        role = request["principal"].rpartition("/")[2]
        yield f"{role}, state {request['state']}" if request["state"] else role
