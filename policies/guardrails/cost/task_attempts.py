"""The cost of one attempt of a Task, by the service that it calls."""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any

from guardrails.aws.functions import functions_invoked
from guardrails.aws.integrations import RUN_TASK, Integration, integration_of
from guardrails.aws.machines import State, bounds_of
from guardrails.aws.references import resources_meant_by
from guardrails.aws.task_arguments import argument, possible
from guardrails.aws.task_runs import TaskRun, task_run
from guardrails.aws.types import QUEUE, STATE_MACHINE, TOPIC
from guardrails.cost.bill import Bill, Case, bill_for, unknown_price, unknown_quantity
from guardrails.cost.fargate import (
    MAX_TASKS_PER_CALL,
    UnknownCostError,
    dearest_task,
    max_tasks_started,
    task_specs,
    unknown_task,
)
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.instances import volume_bill
from guardrails.cost.resources.lambda_functions import (
    expected_invocation,
    unknown_invocations,
    worst_invocation,
)
from guardrails.cost.resources.pricing import HOURS_A_MONTH
from guardrails.cost.resources.sns import is_fifo, message_bill, publish_bill, sms_bill, unknown_deliveries
from guardrails.cost.start_frequency import START_CALLS
from guardrails.cost.usage_declarations import DeclaredUsage, declared_usage
from guardrails.plan import Resource
from guardrails.rule import Subject
from guardrails.time.bounds import Bounds
from guardrails.time.fields import timeout_seconds
from guardrails.time.retries import read_attempts
from guardrails.time.values import ComputedError, UnknownError

TRANSITION = "sfn_standard_transition"
TRANSITIONS = "state transitions"

_HOUR_SECONDS = 3_600
_VOLUME_ARGUMENTS = {
    "volumeType": "VolumeType",
    "volumeSize": "SizeInGiB",
    "iops": "Iops",
    "throughput": "Throughput",
}
"""The arguments of a task's volume, by the properties of a volume in a plan."""

_WAITS = ("sync", "sync:2", "waitForTaskToken")
_EVENT = "events_custom_event"

_CALLS: Any = json.loads((Path(__file__).parent / "data" / "calls.json").read_text(encoding="utf-8"))
KEPT: Mapping[str, str] = _CALLS["kept"]
"""The calls whose result AWS bills by the month until it is deleted, each with the key of that price."""
_FREE_CALLS = (
    *_CALLS["free"],
    *(
        f"{service}:{verb}"
        for service in _CALLS["free_verbs"]["of"]
        for verb in _CALLS["free_verbs"]["verbs"]
    ),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Execution:
    """One execution of a machine whose cost is estimated in one case."""

    subject: Subject
    table: PriceTable
    case: Case
    is_express: bool
    bill_of_started: Callable[[Resource], Bill]
    """Returns the bill of an execution of another machine that this one starts."""
    started_by: frozenset[str]
    """The URNs of this machine and of the machines that started it."""

    @property
    def is_worst(self) -> bool:
        """True in the worst case."""
        return self.case is Case.WORST

    @cached_property
    def bounds(self) -> Bounds:
        """The upper bounds that are declared for the machine."""
        return bounds_of(self.subject)

    @cached_property
    def usage(self) -> DeclaredUsage:
        """The expected usage that is declared for the machine."""
        return declared_usage(self.subject.plan, self.subject.resource)

    def transitions(self, count: int) -> Bill:
        """Return the bill of state transitions; Express machines are billed by requests and duration instead."""
        return Bill() if self.is_express else bill_for(self.table, TRANSITION, TRANSITIONS, count)

    def express_execution(self, name: str) -> Bill:
        """Return the bill of an Express execution without the calls of its states."""
        request, key = bill_for(self.table, "sfn_express_request", name, 1), "sfn_express_gb_second"
        if key in self.usage.run:
            return request
        return Bill.of(
            [request, unknown_quantity(self.table, key, name, "the memory and the duration of a run")]
        )

    def unknown(self, name: str, what: str) -> Bill:
        """Return the bill of work whose quantity is unknown; `what` names the missing fact."""
        return unknown_quantity(self.table, TRANSITION, name, what)


def max_attempts(fields: Mapping[str, Any]) -> Decimal | None:
    """Return the most attempts of a state, or None if there is no bound."""
    try:
        count = read_attempts(fields).count
    except UnknownError:
        return None
    return Decimal(int(count)) if count < math.inf else None


def attempt_bill(execution: Execution, state: State, number: int) -> Bill:
    """Return the bill of one attempt of a Task; the first attempt is number 0."""
    integration = integration_of(state)
    if integration is None:
        return Bill()
    if integration.name == RUN_TASK:
        return _ecs_task(execution, state, integration, number)
    if integration.name == "lambda:invoke":
        return _invocation(execution, state)
    if integration.name in START_CALLS:
        return _started_machine(execution, state)
    return _call(execution, state, integration)


def weight(bill: Bill) -> float:
    """Return the weight of a bill in the search for the most expensive one: a bill without a bound weighs most."""
    return math.inf if bill.unbounded else float(bill.total)


def _ecs_task(execution: Execution, state: State, integration: Integration, number: int) -> Bill:
    run = task_run(execution.subject.plan, state)
    try:
        specs = task_specs(run, number)
        if execution.is_worst:
            # The price of Spot varies; the on-demand price is its upper bound.
            specs = [replace(spec, is_spot=False) for spec in specs]
        seconds = _billed_seconds(execution, state, integration)
        task = dearest_task(execution.table, state.name, specs, seconds)
        bill = Bill.of([task, *_volumes(execution, state, seconds)])
        return bill.times(_task_count(execution, run, number))
    except UnknownCostError as error:
        return unknown_task(execution.table, state.name, error)


def _volumes(execution: Execution, state: State, seconds: Decimal) -> Iterator[Bill]:
    """Yield the EBS volumes that a task gets for as long as it runs."""
    arguments = state.arguments if isinstance(state.arguments, Mapping) else {}
    volumes = argument(arguments, "VolumeConfigurations")
    if volumes is None:
        return
    for volume in volumes if isinstance(volumes, list | tuple) else (None,):
        made = argument(volume, "ManagedEBSVolume")
        properties = {name: argument(made, key) for name, key in _VOLUME_ARGUMENTS.items()}
        written = {name: value for name, value in properties.items() if value is not None}
        months = seconds / (HOURS_A_MONTH * _HOUR_SECONDS)
        yield volume_bill(execution.table, state.name, {"volumeType": "gp3", **written}, months)


def _task_count(execution: Execution, run: TaskRun, number: int) -> Decimal:
    count = max_tasks_started(run, number)
    if count is None and not execution.is_worst:
        raise UnknownCostError("Count, which is computed when it runs")
    return Decimal(MAX_TASKS_PER_CALL if count is None else count)


def _billed_seconds(execution: Execution, state: State, integration: Integration) -> Decimal:
    """Return the billed duration of one attempt: declared, and in the worst case the timeout."""
    longest = _longest_seconds(execution, state) if integration.pattern in _WAITS else None
    if execution.is_worst:
        if longest is None:
            raise UnknownCostError(f"how long {state.name} may take, which nothing bounds")
        return longest
    declared = execution.usage.seconds.get(state.name)
    if declared is None:
        raise UnknownCostError(f"the duration of {state.name}")
    return declared if longest is None else min(declared, longest)


def _longest_seconds(execution: Execution, state: State) -> Decimal | None:
    try:
        return Decimal(timeout_seconds(state.fields))
    except ComputedError:
        bound = execution.bounds.seconds_of.get(state.name)
        return None if bound is None else Decimal(str(bound))
    except UnknownError:
        return None


def _invocation(execution: Execution, state: State) -> Bill:
    """Return the bill of one invocation: in the worst case it lasts for the function's timeout, not for the Task's."""
    plan, table, name = execution.subject.plan, execution.table, state.name
    functions = functions_invoked(plan, state)
    if not functions:
        return unknown_invocations(table, name, "a Lambda function that is not in the plan")
    if execution.is_worst:
        bills = [worst_invocation(table, name, function) for function in functions]
    else:
        seconds = execution.usage.seconds.get(name)
        bills = [expected_invocation(table, plan, name, function, seconds) for function in functions]
    return max(bills, key=weight)


def _started_machine(execution: Execution, state: State) -> Bill:
    machines = resources_meant_by(execution.subject.plan, state.arguments, "StateMachineArn", STATE_MACHINE)
    if not machines:
        return execution.unknown(state.name, "a machine that is not in the plan")
    if any(machine.urn in execution.started_by for machine in machines):
        return execution.unknown(state.name, "how often the machine starts itself")
    return max((execution.bill_of_started(machine) for machine in machines), key=weight)


def _call(execution: Execution, state: State, integration: Integration) -> Bill:
    """Return the bill of a call that runs nothing: a request, and for a message to a topic its deliveries."""
    table, name = execution.table, integration.name
    key = next((key for pattern, key in _CALLS["prices"].items() if fnmatchcase(name, pattern)), None)
    if key is None and any(fnmatchcase(name, pattern) for pattern in _FREE_CALLS):
        return Bill()
    if key is None:
        return unknown_price(name, state.name, 1, f"the price of {name}, which the model does not know")
    if name == "sns:publish":
        return _message(execution, state)
    if name.startswith("sqs:") and _is_fifo(execution, state, "QueueUrl", QUEUE):
        key = "sqs_fifo_request"
    call = _events(table, state) if key == _EVENT else bill_for(table, key, state.name, 1)
    return Bill.of([call, *_kept(execution, state, name)])


def _kept(execution: Execution, state: State, call: str) -> Iterator[Bill]:
    """Yield what AWS bills by the month for the result of a call, unless the machine declares it for a run."""
    key = KEPT.get(call)
    if key is not None and key not in execution.usage.run:
        what = f"how long the result of {call} is kept, which AWS bills by the month until it is deleted"
        yield unknown_price(call, state.name, 1, what)


def _events(table: PriceTable, state: State) -> Bill:
    entries = argument(state.arguments, "Entries")
    if isinstance(entries, list):
        return bill_for(table, _EVENT, state.name, len(entries))
    return unknown_quantity(table, _EVENT, state.name, f"how many events {state.name} sends at once")


def _message(execution: Execution, state: State) -> Bill:
    """Return the bill of a message and its deliveries: by SMS, or to the dearest topic that it may be sent to."""
    plan, table, case = execution.subject.plan, execution.table, execution.case
    if isinstance(state.arguments, Mapping) and argument(state.arguments, "PhoneNumber") is not None:
        return sms_bill(table, state.name)
    topics = resources_meant_by(plan, state.arguments, "TopicArn", TOPIC)
    if not topics:
        may_be_fifo = _is_fifo(execution, state, "TopicArn", TOPIC)
        message = publish_bill(table, state.name, case, to_fifo=may_be_fifo)
        what = "the subscribers of a topic not in the plan"
        return Bill.of([message, unknown_deliveries(table, state.name, what)])
    bills = [message_bill(table, plan, state.name, topic, case) for topic in topics]
    return max(bills, key=lambda bill: (bool(bill.unbounded), bill.total))


def _is_fifo(execution: Execution, state: State, key: str, type_: str) -> bool:
    """Return True if a call may be to a FIFO queue or topic, whose name ends with `.fifo`."""
    named = argument(state.arguments, key)
    if named is None:
        return False
    texts = possible(named)
    if any(option.text.endswith(".fifo") for option in texts):
        return True
    meant = resources_meant_by(execution.subject.plan, state.arguments, key, type_)
    return any(map(is_fifo, meant)) or not (texts or meant)
