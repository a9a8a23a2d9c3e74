"""The emulator's own endpoints under /ccapi/: they trigger, on request, what AWS does by itself.

POST /ccapi/faults      add a fault, with the fields of `faults.Fault`
GET /ccapi/faults       list the pending faults
DELETE /ccapi/faults    remove the pending faults
POST /ccapi/age         {"execution": ARN, "seconds": 660}: let an execution that has ended have run earlier
POST /ccapi/interrupt   {"task": ARN}: interrupt a Spot task
POST /ccapi/subscriptions  {"endpoint": ADDRESS, "confirmed": false}: make a subscription pending; with true, confirm it
GET /ccapi/clock        read the schedules' clock: {"now": TIME, "awake_since": TIME or null, "pause": null}; "pause":
                        [TIME, TIME] in the agent's first answer after a restart: it did not run meanwhile
POST /ccapi/clock       {"advance_to": TIME}: advance the clock; with "skip": true, skip starts that are due before
POST /ccapi/access-keys {"task": ARN}: create an access key for a task, valid until it stops: {"access_key_id": KEY}
POST /ccapi/invocations/…  the agent's calls for invocations of functions: next, take, code, answer, end
POST /ccapi/wakes       {"seen": COUNT, "seconds": 1}: wait until the agent must start or stop a task: {"count": COUNT}
POST /ccapi/snapshot    {}: put the whole state on disk, if one is kept
POST /ccapi/image-pull  {"task": ARN}: why a task's images cannot be pulled: {"refusal": REASON or null}
GET /ccapi/authorization  each decision on a request by the policies of roles and resources, with its number
GET /ccapi/authorization/grants  each grant of a policy, with the requests that would be refused without it
GET /ccapi/meter        what AWS would have metered so far, by execution
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from moto.ecs.models import ecs_backends
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from werkzeug import Request, Response

from local.emulator.access_keys import KEYS
from local.emulator.agent_wakes import AgentWakes
from local.emulator.authorization.documents import every_policy
from local.emulator.authorization.image_pull import pull_refusal
from local.emulator.authorization.record import RECORD
from local.emulator.callers import Caller, Kind, current
from local.emulator.clock import CLOCK
from local.emulator.faults import Fault, FaultBook
from local.emulator.functions.admin import ENDPOINTS as INVOCATIONS
from local.emulator.meter.meter import Meter
from local.emulator.moto_patches.ecs_task_life import find_task, request_stop
from local.emulator.moto_patches.subscription_states import confirm

PREFIX = "/ccapi/"

# Amazon ECS Developer Guide, "Amazon ECS clusters for Fargate", on Fargate Spot termination notices.
_INTERRUPTED = "Your Spot Task was interrupted."


class AdminApplication:
    """A WSGI application that answers requests under /ccapi/ and passes the others on."""

    def __init__(
        self,
        otherwise: Callable[..., Iterable[bytes]],
        book: FaultBook,
        meter: Meter,
        wakes: AgentWakes,
        snapshot: Callable[[], None],
    ) -> None:
        self._otherwise = otherwise
        self._endpoints: Mapping[tuple[str, str], Callable[..., Any]] = {
            **{("POST", name): call for name, call in {**_CALLS, **INVOCATIONS}.items()},
            ("POST", "wakes"): wakes.wait,
            ("POST", "snapshot"): snapshot,
            ("POST", "faults"): lambda **fields: book.add(Fault(**fields)),
            ("GET", "faults"): lambda: [asdict(fault) for fault in book.pending()],
            ("DELETE", "faults"): book.clear,
            ("GET", "clock"): _clock,
            ("GET", "authorization"): RECORD.as_json,
            ("GET", "authorization/grants"): lambda: RECORD.grants(every_policy()),
            ("GET", "meter"): meter.as_json,
        }

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a WSGI request."""
        if not environ["PATH_INFO"].startswith(PREFIX):
            return self._otherwise(environ, start_response)
        request = Request(environ)
        return self._answer(request)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        name = request.path.removeprefix(PREFIX)
        endpoint = self._endpoints.get((request.method, name))
        if endpoint is None:
            return _json({"error": f"There is no {request.method} {PREFIX}{name}."}, status=404)
        try:
            fields = json.loads(request.get_data()) if request.method == "POST" else {}
            answer = endpoint(**fields)
        except (TypeError, ValueError, LookupError) as error:
            return _json({"error": str(error)}, status=400)
        return _json({} if answer is None else answer)


def _clock() -> dict[str, Any]:
    awake_since = CLOCK.awake_since
    # For the agent alone, and once: it makes up for the starts that it missed.
    pause = CLOCK.take_pause() if current().kind is Kind.AGENT else None
    return {
        "now": CLOCK.now().isoformat(),
        "awake_since": awake_since.isoformat() if awake_since else None,
        "pause": [moment.isoformat() for moment in pause] if pause else None,
    }


def _put_forward(*, advance_to: str, skip: bool = False) -> None:
    CLOCK.advance_to(datetime.fromisoformat(advance_to), skip=skip)


def _confirm(*, endpoint: str, confirmed: bool) -> None:
    if not confirm(endpoint, confirmed=confirmed):
        raise LookupError(f"No topic has a subscription of {endpoint} that needs a confirmation.")


def _age(*, execution: str, seconds: float) -> None:
    region, account = execution.split(":")[3:5]
    found = stepfunctions_parser_backends[account][region].describe_execution(execution)
    if not found.stop_date:
        raise ValueError(f"The execution {execution} has not ended.")
    found.start_date -= timedelta(seconds=seconds)
    found.stop_date -= timedelta(seconds=seconds)


def _interrupt(*, task: str) -> None:
    request_stop(_task(task), "SpotInterruption", _INTERRUPTED)


def _issue_key(*, task: str) -> dict[str, str]:
    found = _task(task)
    if found.last_status == "STOPPED":
        raise ValueError(f"The task {task} has stopped.")
    return {"access_key_id": KEYS.issue(Caller(Kind.TASK, found.id))}


def _pull_image(*, task: str) -> dict[str, str | None]:
    return {"refusal": pull_refusal(_task(task).id)}


_CALLS: Mapping[str, Callable[..., dict[str, Any] | None]] = {
    "access-keys": _issue_key,
    "age": _age,
    "clock": _put_forward,
    "image-pull": _pull_image,
    "interrupt": _interrupt,
    "subscriptions": _confirm,
}


def _task(arn: str) -> Any:
    region, account = arn.split(":")[3:5]
    task = find_task(ecs_backends[account][region], arn)
    if task is None:
        raise LookupError(f"There is no task {arn}.")
    return task


def _json(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value), status=status, content_type="application/json")
