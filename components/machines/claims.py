"""Claims, by which one execution at a time owns a run or the whole pipeline.

A claim is an object in the cache bucket, written under the condition that it does not exist; its owner is the
execution that wrote it. Nothing releases a claim. A claim whose owner has ended is void, and the next
execution that needs it takes it over, under the condition that the object did not change. So claims need no
clock, no expiry and no cleanup. tests/protocols searches for an order of events that breaks this.

Through `aws-sdk:s3`, every error that S3 does not model is `S3.S3Exception`: 412 and 409, but also 403 and
503. Only the cause distinguishes them, as in "Status Code: 412". A specific error name,
`S3.PreconditionFailed`, is handled as well; docs/aws-assumptions.md explains why.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from components.machines import errors
from components.machines.asl import State, catch, choice, expression, task, wait
from components.machines.expressions import jsonata
from components.machines.integrations import READ_JSON, claim_uri, describe_execution, read_claim, write_claim
from components.settings.bounds import CLAIM_PAUSE_SECONDS, CLAIM_TIMEOUT_SECONDS, CLAIM_TURNS
from components.settings.names import Names

CLAIM = {"claim": expression("$string({'execution': $states.context.Execution.Id, 'run': $run_id})")}
"""The variable that a claim's states write: the claim's owner, which is this execution."""

# The errors of S3 for a failed condition, for an object that another request is writing, and for a missing
# object. Source: Amazon S3 User Guide, "How to prevent object overwrites with conditional writes".
_ERROR = "$failure.(Error & Cause)"
_IS_TAKEN = f"$contains({_ERROR}, /Status Code: 412|PreconditionFailed/)"
_IS_PASSING = (
    f"$contains({_ERROR}, /Status Code: (404|409|429|5\\d\\d)|^S3.(Throttl|Conditional|NoSuchKey|SlowDown|Internal"
    "|ServiceUn|SdkClient)|^Sfn.Throttl|^States.Timeout/)"
)
# The SDK for Java, from which integrations take their names, uses eTag; AWS's examples use ETag, others Etag.
_ETAG = expression("$states.result.(ETag ? ETag : Etag ? Etag : eTag)")
_FAILURE = expression(errors.CAUGHT)

_RUNNING = f"$owner_status {errors.IS_RUNNING}"
_GONE = "GONE"
_MISSES_UNTIL_GONE = 3


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A claim that one execution at a time may hold."""

    what: str
    """The suffix of its states' names."""
    key: str
    """JSONata for its object's key in the cache bucket."""
    granted: str
    """The state that continues with the claim."""
    refused: str
    """The state that continues without the claim."""
    refused_assign: Mapping[str, Any] = field(default_factory=dict)
    """The variables that are then assigned, if the owner is still running."""
    kept: str | None = None
    """JSONata, over `owner_status`, that is true if the owner keeps the claim although it has ended."""
    same: str | None = None
    """JSONata, over `owner`, that is true if the running owner already does what this execution should do."""
    same_refused: str | None = None
    """The state that then continues without the claim, in place of `refused`."""
    pause_seconds: int = CLAIM_PAUSE_SECONDS
    turns: int = CLAIM_TURNS
    """The maximum number of attempts to take the claim."""
    waits: bool = False
    """True if the execution waits for an owner that is still running."""
    is_left_behind: bool = False
    """True if the claim usually exists already, from an execution that has ended."""


def _owner() -> str:
    """Return JSONata for the owner in a claim that `write_claim` wrote; any other form raises an error."""
    return f"{READ_JSON}.{jsonata('claim_owner')}"


def claim_states(names: Names, claim: Claim, *, on_failure: str) -> dict[str, State]:
    """Return the states that take a claim, in the order of a contested claim; the first is `Claim…`."""
    what, tries = claim.what, f"{claim.what.lower()}_tries"
    write, check, read, pause = f"Claim{what}", f"Check{what}Claim", f"Read{what}Claim", f"Await{what}Claim"
    describe, check_owner, take_over = f"Describe{what}Owner", f"Check{what}Owner", f"TakeOver{what}"
    again = expression(f"${tries} + 1")

    contested = catch(check, assign={"failure": _FAILURE, tries: again})
    still_running = {
        "Error": errors.STILL_RUNNING,
        "Cause": expression("$owner.execution & ' still works on ' & $owner.run"),
    }
    is_last = f"${tries} > {claim.turns}"
    return {
        write: task(
            write_claim(names, claim.key, {"IfNoneMatch": "*"}),
            timeout_seconds=CLAIM_TIMEOUT_SECONDS,
            catches=[contested],
            next_state=claim.granted,
            expected=check if claim.is_left_behind else None,
        ),
        # Each further attempt passes through this state, which counts it.
        check: choice(
            [
                (f"{is_last} and {_IS_TAKEN}", on_failure, {"failure": still_running}),
                (is_last, on_failure),
                (_IS_TAKEN, read),
                (_IS_PASSING, pause),
            ],
            default=on_failure,
            expected=read,
            max_visits=claim.turns + 1,
        ),
        pause: wait(claim.pause_seconds, next_state=write),
        read: task(
            read_claim(names, claim.key),
            timeout_seconds=CLAIM_TIMEOUT_SECONDS,
            # A claim that names no execution has no status to query, so that no execution can take it over.
            catches=[
                catch(
                    check,
                    assign={
                        "failure": expression(errors.caught_reading(claim_uri(names, claim.key))),
                        tries: again,
                    },
                ),
            ],
            assign={
                "owner": expression(_owner()),
                "claim_etag": _ETAG,
            },
            next_state=describe,
        ),
        describe: task(
            describe_execution(names, "$owner.execution", names.machine),
            timeout_seconds=CLAIM_TIMEOUT_SECONDS,
            catches=[
                catch(
                    check_owner,
                    errors=errors.EXECUTION_GONE,
                    assign={"owner_status": _GONE, "missed": expression("[$missed, $owner.execution]")},
                ),
                contested,
            ],
            assign={"owner_status": expression("$states.result.Status")},
            next_state=check_owner,
        ),
        check_owner: choice(
            [
                # The response to the write was lost: this execution owns the claim.
                ("$owner.execution = $states.context.Execution.Id", claim.granted),
                *(
                    [(f"{_RUNNING} and {claim.same}", claim.same_refused)]
                    if claim.same and claim.same_refused
                    else []
                ),
                (_RUNNING, pause) if claim.waits else (_RUNNING, claim.refused, claim.refused_assign),
                # An execution that has just started may not be visible everywhere yet. Other errors do not count: they
                # say nothing about the owner.
                (
                    f"$owner_status = '{_GONE}' and $count($missed[$ = $owner.execution]) < {_MISSES_UNTIL_GONE}",
                    pause,
                ),
                *([(claim.kept, claim.refused)] if claim.kept else []),
            ],
            default=take_over,
        ),
        take_over: task(
            write_claim(names, claim.key, {"IfMatch": expression("$claim_etag")}),
            timeout_seconds=CLAIM_TIMEOUT_SECONDS,
            catches=[contested],
            next_state=claim.granted,
        ),
    }
