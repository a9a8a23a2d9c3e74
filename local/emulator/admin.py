"""The emulator's own endpoints under /ccapi/: they trigger, on request, what AWS does by itself.

POST /ccapi/faults      add a fault, with the fields of `faults.Fault`
GET /ccapi/faults       list the pending faults
DELETE /ccapi/faults    remove the pending faults
POST /ccapi/interrupt   {"task": ARN}: interrupt a Spot task
POST /ccapi/subscriptions  {"endpoint": ADDRESS, "confirmed": false}: make a subscription pending; with true, confirm it
GET /ccapi/clock        read the schedules' clock: {"now": TIME, "awake_since": TIME or null}
POST /ccapi/clock       {"advance_to": TIME}: advance the clock; with "skip": true, skip starts that are due before
POST /ccapi/access-keys {"task": ARN}: create an access key for a task, valid until it stops: {"access_key_id": KEY}
POST /ccapi/invocations/…  the agent's calls for invocations of functions: next, take, code, answer, end
GET /ccapi/authorization  each decision on a request by the policies of roles and resources, with its number
GET /ccapi/authorization/grants  each grant of a policy, with a request that would be refused without it, or null
GET /ccapi/meter        what AWS would have metered so far, by execution
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from moto.ecs.models import ecs_backends
from werkzeug import Request, Response

from local.emulator.access_keys import KEYS
from local.emulator.authorization.documents import every_policy
from local.emulator.authorization.record import RECORD
from local.emulator.callers import Caller, Kind
from local.emulator.clock import CLOCK
from local.emulator.faults import Fault, FaultBook
from local.emulator.functions.admin import ENDPOINTS
from local.emulator.meter.meter import Meter
from local.emulator.moto_patches.ecs_task_life import find_task, request_stop
from local.emulator.moto_patches.subscription_states import confirm

PREFIX = "/ccapi/"

# Amazon ECS Developer Guide, "Amazon ECS clusters for Fargate", on Fargate Spot termination notices.
_INTERRUPTED = "Your Spot Task was interrupted."


class AdminApplication:
    """A WSGI application that answers requests under /ccapi/ and passes the others on."""

    def __init__(self, otherwise: Callable[..., Iterable[bytes]], book: FaultBook, meter: Meter) -> None:
        self._otherwise = otherwise
        self._book = book
        self._kept: Mapping[str, Callable[[], Any]] = {
            "authorization": RECORD.as_json,
            "authorization/grants": lambda: RECORD.grants(every_policy()),
            "meter": meter.as_json,
        }

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a WSGI request."""
        if not environ["PATH_INFO"].startswith(PREFIX):
            return self._otherwise(environ, start_response)
        request = Request(environ)
        endpoint = ENDPOINTS.get(request.path.removeprefix(PREFIX))
        try:
            if endpoint is not None and request.method == "POST":
                response = _json(endpoint(**json.loads(request.get_data())))
            else:
                response = self._answer(request)
        except (TypeError, ValueError, LookupError) as error:
            response = _json({"error": str(error)}, status=400)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        match request.method, request.path.removeprefix(PREFIX):
            case "POST", "faults":
                self._book.add(Fault(**json.loads(request.get_data())))
            case "GET", "faults":
                return _json([asdict(fault) for fault in self._book.pending()])
            case "DELETE", "faults":
                self._book.clear()
            case "POST", "interrupt":
                _interrupt(json.loads(request.get_data())["task"])
            case "POST", "subscriptions":
                _confirm(**json.loads(request.get_data()))
            case "GET", "clock":
                awake_since = CLOCK.awake_since
                return _json(
                    {
                        "now": CLOCK.now().isoformat(),
                        "awake_since": awake_since.isoformat() if awake_since else None,
                    }
                )
            case "POST", "clock":
                _put_forward(**json.loads(request.get_data()))
            case "POST", "access-keys":
                return _json({"access_key_id": _issue_key(json.loads(request.get_data())["task"])})
            case "GET", ("authorization" | "authorization/grants" | "meter") as kept:
                return _json(self._kept[kept]())
            case method, name:
                return _json({"error": f"There is no {method} {PREFIX}{name}."}, status=404)
        return _json({})


def _put_forward(*, advance_to: str, skip: bool = False) -> None:
    CLOCK.advance_to(datetime.fromisoformat(advance_to), skip=skip)


def _confirm(*, endpoint: str, confirmed: bool) -> None:
    if not confirm(endpoint, confirmed=confirmed):
        raise LookupError(f"No topic has a subscription of {endpoint} that needs a confirmation.")


def _interrupt(arn: str) -> None:
    request_stop(_task(arn), "SpotInterruption", _INTERRUPTED)


def _issue_key(arn: str) -> str:
    task = _task(arn)
    if task.last_status == "STOPPED":
        raise ValueError(f"The task {arn} has stopped.")
    return KEYS.issue(Caller(Kind.TASK, task.id))


def _task(arn: str) -> Any:
    region, account = arn.split(":")[3:5]
    task = find_task(ecs_backends[account][region], arn)
    if task is None:
        raise LookupError(f"There is no task {arn}.")
    return task


def _json(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value), status=status, content_type="application/json")
