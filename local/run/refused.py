"""The requests of a run that its policies did not allow: denied ones, and those that could not be decided."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from local.aws import LocalAws

_ALLOWED, _UNKNOWN = "allowed", "unknown"


@dataclass(frozen=True)
class Refused:
    """Equal requests that were not allowed."""

    principal: str
    """The ARN of a role, or a service's name."""
    action: str
    resource: str
    outcome: str
    """`denied`, `not allowed`, or `unknown`, which the local AWS allows."""
    reason: str
    count: int

    def __str__(self) -> str:
        """Return a clause that names the missing permission."""
        who = self.principal.rpartition("/")[2]
        return (
            f"{who} needs {self.action} on {self.resource or 'a resource that is not known'}: {self.reason}"
        )


def read_refused(aws: LocalAws) -> tuple[Refused, ...]:
    """Return the requests so far that were not allowed, each once."""
    decisions = aws.admin("GET", "authorization")
    return tuple(Refused(**each) for each in decisions if each["outcome"] != _ALLOWED)


def sentences(refused: Sequence[Refused]) -> Iterator[str]:
    """Yield a sentence on the denied requests, and one on those that could not be decided."""
    for is_unknown, what in (
        (False, "denied by IAM policies"),
        (True, "left undecided by IAM policies, and allowed"),
    ):
        found = [each for each in refused if (each.outcome == _UNKNOWN) is is_unknown]
        if found:
            count = sum(each.count for each in found)
            number = "1 request was" if count == 1 else f"{count} requests were"
            more = f"; and {len(found) - 1} more" if len(found) > 1 else ""
            yield f"✗ {number} {what}: {found[0]}{more}"
