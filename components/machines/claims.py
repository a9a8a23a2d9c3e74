"""Claims: a run, and the pipeline itself, belong to one execution at a time.

A claim is an object in the cache bucket, written on the condition that it is not there; its owner is the execution
that wrote it. Nothing releases a claim: an execution that is over holds nothing, and whoever finds its claim takes it
over, on the condition that nobody else did meanwhile. So there is no clock, no expiry, and nothing to clean up.

Through `aws-sdk:s3` every error that S3 has no model of is `S3.S3Exception`: 412 and 409, but also 403 and 503. Which
it was is said in its cause only, as "Status Code: 412". An error with a name of its own, `S3.PreconditionFailed`, is
understood as well: docs/aws-assumptions.md says why.
"""

from dataclasses import dataclass

from components.machines import errors
from components.machines.asl import State, catch, choice, expression, task, wait
from components.machines.expressions import jsonata
from components.machines.integrations import READ_JSON, claim_uri, describe_execution, read_claim, write_claim
from components.settings.bounds import CLAIM_PAUSE_SECONDS, CLAIM_TIMEOUT_SECONDS, CLAIM_TURNS
from components.settings.names import Names

CLAIM = {"claim": expression("$string({'execution': $states.context.Execution.Id, 'run': $run_id})")}
"""The variable that the states of a claim write: its owner, which is this execution."""

# The answers of S3 to a condition that does not hold, to an object that is being written, and to one that is not there.
# Source: Amazon S3 User Guide, "How to prevent object overwrites with conditional writes".
_ERROR = "$failure.Error & $failure.Cause"
_IS_TAKEN = f"$contains({_ERROR}, /Status Code: 412|PreconditionFailed/)"
_IS_PASSING = (
    f"$contains({_ERROR}, /Status Code: (404|409|429|5\\d\\d)|^S3.(Throttl|Conditional|NoSuchKey|SlowDown|Internal"
    "|ServiceUn|SdkClient)|^Sfn.Throttl|^States.Timeout/)"
)
# The SDK for Java, whose names an integration takes, calls it eTag; AWS's examples have ETag, others Etag.
_ETAG = expression("$states.result.(ETag ? ETag : Etag ? Etag : eTag)")
_FAILURE = expression(errors.CAUGHT)

_RUNNING = f"$owner_status {errors.IS_RUNNING}"
_GONE = "GONE"
_TRIES_UNTIL_GONE = 3


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Something that one execution at a time may hold."""

    what: str
    """What the names of its states end in."""
    key: str
    """JSONata for the key of its object in the cache bucket."""
    granted: str
    """The state that goes on with the claim."""
    refused: str
    """The state that goes on without."""
    kept: str | None = None
    """JSONata that holds where the owner keeps it though it is over, by `owner_status`."""
    same: str | None = None
    """JSONata that holds where the owner, which runs, already does what this execution asks for, by `owner`."""
    same_refused: str | None = None
    """The state that then goes on without, in place of `refused`."""
    pause_seconds: int = CLAIM_PAUSE_SECONDS
    turns: int = CLAIM_TURNS
    """How often it is contested at most before it is given up."""
    waits: bool = False
    """Whether it waits for an owner that runs."""
    is_left_behind: bool = False
    """True if it is usually there already, of an execution that has ended."""


def _owner() -> str:
    """Return JSONata for the owner in a claim as `write_claim` writes it; any other form raises an error."""
    return f"{READ_JSON}.{jsonata('claim_owner')}"


def claim_states(names: Names, claim: Claim, *, on_failure: str) -> dict[str, State]:
    """Return the states that claim something, in the order of a claim that is contested; the first is `Claim…`."""
    what, tries = claim.what, f"{claim.what.lower()}_tries"
    write, check, read, pause = f"Claim{what}", f"Check{what}Claim", f"Read{what}Claim", f"Await{what}Claim"
    describe, judge, take_over = f"Describe{what}Owner", f"Judge{what}Owner", f"TakeOver{what}"
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
        # Each further turn passes this state, which counts it.
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
            catches=[
                # Nothing can be asked of a claim that names no execution, and nothing may take it over.
                catch(
                    on_failure,
                    errors=[errors.QUERY_FAILED],
                    assign={"failure": errors.unreadable(claim_uri(names, claim.key))},
                ),
                contested,
            ],
            assign={
                "owner": expression(_owner()),
                "claim_etag": _ETAG,
            },
            next_state=describe,
        ),
        describe: task(
            describe_execution(names, "$owner.execution"),
            timeout_seconds=CLAIM_TIMEOUT_SECONDS,
            catches=[
                catch(judge, errors=errors.EXECUTION_GONE, assign={"owner_status": _GONE}),
                contested,
            ],
            assign={"owner_status": expression("$states.result.Status")},
            next_state=judge,
        ),
        judge: choice(
            [
                # The answer to the write was lost: the claim is this execution's own.
                ("$owner.execution = $states.context.Execution.Id", claim.granted),
                *(
                    [(f"{_RUNNING} and {claim.same}", claim.same_refused)]
                    if claim.same and claim.same_refused
                    else []
                ),
                (_RUNNING, pause if claim.waits else claim.refused),
                # What began a moment ago may not be known everywhere yet.
                (f"$owner_status = '{_GONE}' and ${tries} < {_TRIES_UNTIL_GONE}", pause),
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
