from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from guardrails.aws.types import FUNCTION, QUEUE, STATE_MACHINE, TOPIC, TOPIC_SUBSCRIPTION
from guardrails.cost.bill import Bill, Case
from guardrails.cost.execution_cost import MAX_STARTS, execution_bill, skipped_execution_bill
from guardrails.cost.for_rules import unbounded_sentences
from guardrails.cost.prices.table import PriceTable, table
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.results import Results
from guardrails.rule import Subject
from tests.policies.cost.machines import WORKER, component, definition, machine_in, run_task
from tests.policies.cost.tables import TABLE
from tests.policies.plans import resource

AGAIN = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}]
TRANSITION = Decimal("0.00002")
# 2 vCPU x 0.04 + 4 GB x 0.005, for an hour
HOUR = Decimal("0.1")


def subject(machine: Resource, *others: Resource) -> Subject:
    plan = Plan.of([machine, WORKER, *others], (one for one in others if not one.type.startswith("aws:")))
    return Subject(resource=machine, plan=plan, results=Results())


def cost(case: Case, machine: Resource, *others: Resource, prices: PriceTable = TABLE) -> Bill:
    return execution_bill(subject(machine, *others), prices, case)


def expected(machine: Resource, *others: Resource, prices: PriceTable = TABLE) -> Bill:
    return cost(Case.EXPECTED, machine, *others, prices=prices)


def worst(machine: Resource, *others: Resource, prices: PriceTable = TABLE) -> Bill:
    return cost(Case.WORST, machine, *others, prices=prices)


def quantity(bill: Bill, key: str) -> Decimal | None:
    return sum((line.quantity or Decimal(0) for line in bill.lines if line.key == key), Decimal(0))


def reasons(bill: Bill) -> set[str]:
    return {line.depends_on for line in bill.unknown}


def call(api: str, **arguments: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": f"arn:aws:states:::{api}",
        "Arguments": arguments,
        "TimeoutSeconds": 30,
        "End": True,
    }


def mapped(items: Any, **state: Any) -> dict[str, Any]:
    return {"Type": "Map", "Items": items, "ItemProcessor": definition(**state), "End": True}


def test_a_run_at_its_worst_takes_the_whole_timeout_of_every_attempt() -> None:
    # 3 attempts x 2 h x 0.1, and a transition each
    found = worst(machine_in(None, Work=run_task(7200, Retry=AGAIN)))
    assert found.total == 3 * 2 * HOUR + 3 * TRANSITION


def test_an_expected_run_takes_the_declared_seconds_and_one_attempt() -> None:
    declares = component(seconds={"Work": 5400})
    found = expected(machine_in(declares, Work=run_task(7200, Retry=AGAIN)), declares)
    assert found.total == Decimal("1.5") * HOUR + TRANSITION


def test_without_a_declaration_it_depends_on_the_duration() -> None:
    found = expected(machine_in(None, Work=run_task()))
    assert (found.total, reasons(found)) == (TRANSITION, {"the duration of Work"})


def test_nothing_is_expected_to_take_longer_than_its_timeout() -> None:
    declares = component(seconds={"Work": 99_999})
    assert expected(machine_in(declares, Work=run_task(3600)), declares).total == HOUR + TRANSITION


@pytest.mark.parametrize(
    "state",
    [
        run_task(None),
        run_task(None, TimeoutSeconds="{% $timeout %}"),
        run_task(Resource="arn:aws:states:::ecs:runTask"),
    ],
)
def test_a_task_that_nothing_ends_has_no_most_that_it_costs(state: dict[str, Any]) -> None:
    found = worst(machine_in(None, Work=state))
    assert reasons(found) == {"how long Work may take, which nothing bounds"}
    assert found.unbounded


def test_a_ladder_is_climbed_attempt_by_attempt() -> None:
    size = {
        key: f"{{% $states.context.State.RetryCount = 0 ? '{first}' : '{later}' %}}"
        for key, first, later in (("Cpu", 2048, 4096), ("Memory", 4096, 8192))
    }
    provider = "{% $states.context.State.RetryCount = 0 ? 'FARGATE_SPOT' : 'FARGATE' %}"
    climbing = run_task(
        3600,
        Retry=AGAIN,
        arguments={"Overrides": size, "CapacityProviderStrategy": [{"CapacityProvider": provider}]},
    )
    # 2 x 0.04 + 4 x 0.005; then twice 4 x 0.04 + 8 x 0.005
    assert worst(machine_in(None, Work=climbing)).total == HOUR + 2 * Decimal("0.2") + 3 * TRANSITION


def test_a_task_on_spot_is_expected_at_the_spot_price_and_at_worst_at_the_on_demand_price() -> None:
    declares = component(seconds={"Work": 3600})
    spot = run_task(3600, arguments={"CapacityProviderStrategy": [{"CapacityProvider": "FARGATE_SPOT"}]})
    machine = machine_in(declares, Work=spot)
    # Spot: 2 x 0.01 + 4 x 0.001
    assert expected(machine, declares).total == Decimal("0.024") + TRANSITION
    assert worst(machine, declares).total == HOUR + TRANSITION


@pytest.mark.parametrize(
    ("count", "first", "second"),
    [
        (10, 10, 10),
        ("3", 3, 3),
        ("{% $states.context.State.RetryCount = 0 ? 2 : 5 %}", 2, 5),
        ("{% $many ? 4 : 1 %}", 4, 4),
    ],
)
def test_each_task_that_an_attempt_starts_is_billed(count: Any, first: int, second: int) -> None:
    again = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}]
    declares = component(seconds={"Work": 3600})
    machine = machine_in(declares, Work=run_task(3600, Retry=again, arguments={"Count": count}))
    assert expected(machine, declares).total == first * HOUR + TRANSITION
    assert worst(machine, declares).total == (first + second) * HOUR + 2 * TRANSITION


def test_tasks_that_only_a_run_counts_are_as_many_as_aws_starts_at_worst() -> None:
    declares = component(seconds={"Work": 3600})
    machine = machine_in(declares, Work=run_task(3600, arguments={"Count": "{% $count %}"}))
    assert worst(machine, declares).total == 10 * HOUR + TRANSITION
    assert reasons(expected(machine, declares)) == {"Count, which is computed when it runs"}


def test_more_attempts_than_a_ladder_has_rungs_are_all_counted() -> None:
    many = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 999, "MaxDelaySeconds": 60}]
    assert worst(machine_in(None, Work=run_task(3600, Retry=many))).total == 1000 * (HOUR + TRANSITION)


def test_a_map_does_each_item_in_each_of_its_attempts() -> None:
    found = worst(machine_in(None, Each={**mapped([1, 2, 3], Work=run_task(3600)), "Retry": AGAIN}))
    # 3 attempts of the Map x 3 items x (an hour and a transition), and a transition each
    assert found.total == 3 * (3 * (HOUR + TRANSITION) + TRANSITION)


def test_items_are_as_many_as_declared_and_no_more_than_bound() -> None:
    declares = resource(
        "acme:pipelines:Pipeline",
        "pipeline",
        bounds={"items": {"Each": 8}},
        expected={"items": {"Each": 4}, "seconds": {"Work": 3600}},
    )
    machine = machine_in(declares, Each=mapped("{% $items %}", Work=run_task(3600)))
    assert quantity(expected(machine, declares), "fargate_x86_vcpu_hour") == 4 * 2
    assert quantity(worst(machine, declares), "fargate_x86_vcpu_hour") == 8 * 2


def test_items_without_a_bound_are_not_zero() -> None:
    found = worst(machine_in(None, Each=mapped("{% $items %}", Work=run_task(3600))))
    assert reasons(found) == {"how many items Each has"}


def test_every_branch_of_a_parallel_is_billed() -> None:
    branches = [definition(A=run_task(3600)), definition(B=run_task(7200))]
    found = worst(machine_in(None, Both={"Type": "Parallel", "Branches": branches, "End": True}))
    assert found.total == 3 * HOUR + 3 * TRANSITION


def test_the_worst_path_is_the_dearest_and_a_catch_is_on_it() -> None:
    cheap = {**run_task(60, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Repair"}]), "Next": "Done"}
    del cheap["End"]
    machine = machine_in(None, Work=cheap, Repair=run_task(3600), Done={"Type": "Succeed"})
    assert worst(machine).total == HOUR / 60 + HOUR + 2 * TRANSITION
    assert quantity(expected(machine), "sfn_standard_transition") == 2


def choosing(**expected_: Any) -> tuple[Resource, Resource]:
    declares = component(seconds={"Work": 3600}, **expected_)
    choice = {"Type": "Choice", "Choices": [{"Condition": "{% $due %}", "Next": "Work"}], "Default": "Done"}
    return machine_in(declares, Ask=choice, Work=run_task(3600), Done={"Type": "Succeed"}), declares


def test_the_expected_cost_follows_the_declared_path() -> None:
    assert expected(*choosing()).total == HOUR + 2 * TRANSITION
    assert expected(*choosing(path=["Ask", "Done"])).total == 2 * TRANSITION


@pytest.mark.parametrize(
    ("path", "why"),
    [
        (["Work"], "begins with Work and not with Ask"),
        (["Ask", "Gone"], "Gone comes after Ask"),
        (["Ask", "Work", "Done"], "Done comes after Work"),
        (["Ask"], "ends with Ask, which has a next state"),
    ],
)
def test_a_declared_path_that_the_machine_does_not_have_is_said(path: list[str], why: str) -> None:
    found = expected(*choosing(path=path))
    assert [why in reason for reason in reasons(found)] == [True]
    assert found.unbounded


def test_a_start_that_finds_nothing_to_do_costs_the_shortest_way() -> None:
    machine, declares = choosing()
    assert skipped_execution_bill(subject(machine, declares), TABLE).total == 2 * TRANSITION


def test_a_loop_that_nothing_bounds_has_no_most_that_it_costs() -> None:
    turn = {**run_task(60), "Next": "Work"}
    del turn["End"]
    assert reasons(worst(machine_in(None, Work=turn))) == {"how often Work is visited, which nothing bounds"}


def test_a_declared_loop_is_walked_as_often() -> None:
    turn = {**run_task(3600), "Next": "Work"}
    del turn["End"]
    declares = resource("acme:pipelines:Pipeline", "pipeline", bounds={"visits": {"Work": 5}})
    assert worst(machine_in(declares, Work=turn), declares).total == 5 * (HOUR + TRANSITION)


def test_a_message_is_billed_with_each_of_its_deliveries() -> None:
    topic = resource(TOPIC, "news", name="news")
    mails = [
        resource(TOPIC_SUBSCRIPTION, f"mail-{n}", topic="news", protocol=protocol)
        for n, protocol in enumerate(("email", "https", "sqs", "email"))
    ]
    found = worst(machine_in(None, Tell=call("sns:publish", TopicArn="news")), topic, *mails)
    keys = ("sns_publish", "sns_email_delivery", "sns_https_delivery")
    assert [quantity(found, key) for key in keys] == [1, 2, 1]
    assert not found.unknown


def test_a_delivery_whose_price_is_not_known_is_listed() -> None:
    topic = resource(TOPIC, "news", name="news")
    short = resource(TOPIC_SUBSCRIPTION, "phone", topic="news", protocol="sms")
    found = worst(machine_in(None, Tell=call("sns:publish", TopicArn="news")), topic, short)
    assert reasons(found) == {"the price of a delivery by sms"}
    assert found.unbounded


@pytest.mark.parametrize(
    ("api", "key"),
    [
        ("aws-sdk:s3:putObject", "s3_put_request"),
        ("aws-sdk:s3:getObject", "s3_get_request"),
        ("aws-sdk:s3:listObjectsV2", "s3_put_request"),
        ("aws-sdk:cloudwatch:putMetricData", "metrics_api_request"),
        ("sqs:sendMessage", "sqs_standard_request"),
        ("aws-sdk:secretsmanager:getSecretValue", "secret_request"),
    ],
)
def test_a_call_has_its_price_each_time_that_it_is_tried(api: str, key: str) -> None:
    assert quantity(worst(machine_in(None, Ask={**call(api), "Retry": AGAIN})), key) == 3
    assert quantity(expected(machine_in(None, Ask={**call(api), "Retry": AGAIN})), key) == 1


@pytest.mark.parametrize(
    "api", ["aws-sdk:ssm:getParameter", "aws-sdk:ecs:stopTask", "aws-sdk:s3:deleteObject"]
)
def test_a_call_that_is_free_has_no_line(api: str) -> None:
    assert {line.key for line in worst(machine_in(None, Ask=call(api))).lines} == {"sfn_standard_transition"}


def test_a_call_that_the_model_does_not_know_is_listed() -> None:
    found = worst(machine_in(None, Ask=call("dynamodb:putItem")))
    assert reasons(found) == {"the price of dynamodb:putItem, which the model does not know"}


@pytest.mark.parametrize(
    ("api", "key"),
    [
        ("aws-sdk:kms:createKey", "kms_key_month"),
        ("aws-sdk:secretsmanager:createSecret", "secret_month"),
        ("aws-sdk:cloudwatch:putDashboard", "dashboard_month"),
        ("aws-sdk:cloudwatch:putMetricAlarm", "alarm_standard_month"),
    ],
)
def test_a_call_whose_result_is_billed_by_the_month_has_no_bound_until_it_is_declared(
    api: str, key: str
) -> None:
    found = worst(machine_in(None, Make=call(api)))
    name = api.removeprefix("aws-sdk:")
    assert [line.key for line in found.unbounded] == [name]
    assert f"declare {key} of the machine for a run" in next(iter(unbounded_sentences(found, "a run")))
    declares = component(run={key: 1})
    declared = worst(machine_in(declares, Make=call(api)), declares)
    assert not declared.unbounded
    assert quantity(declared, key) == 1


@pytest.mark.parametrize("phone", [{"PhoneNumber": "+15550100"}, {"PhoneNumber": "{% $phone %}"}])
def test_a_message_to_a_telephone_is_no_email(phone: dict[str, str]) -> None:
    found = worst(machine_in(None, Tell=call("sns:publish", **phone)), resource(TOPIC, "news"))
    assert reasons(found) == {"the price of a delivery by SMS"}
    assert [line.key for line in found.unbounded] == ["sns_delivery"]
    assert quantity(found, "sns_email_delivery") == 0


LIST_PRICES = table("us-east-1")


@pytest.mark.parametrize(
    ("url", "properties", "is_fifo"),
    [
        ("https://sqs.us-east-1.amazonaws.com/111122223333/orders.fifo", {}, True),
        ("{% $url %}", {"fifoQueue": True}, True),
        ("orders", {"fifoQueue": True}, True),
        ("orders", {}, False),
        ("{% $url %}", {}, False),
        ("{% $url %}", None, True),
    ],
)
def test_a_message_to_a_fifo_queue_has_its_higher_price(url: str, properties: Any, is_fifo: bool) -> None:
    queues = [] if properties is None else [resource(QUEUE, "orders", name="orders", **properties)]
    machine = machine_in(None, Send=call("sqs:sendMessage", QueueUrl=url))
    found = worst(machine, *queues, prices=LIST_PRICES)
    assert quantity(found, f"sqs_{'fifo' if is_fifo else 'standard'}_request") == 1


def test_a_message_to_a_fifo_topic_is_billed_by_requests_and_by_size() -> None:
    topic = resource(TOPIC, "news", name="news", fifoTopic=True)
    queue = resource(TOPIC_SUBSCRIPTION, "orders", topic="news", protocol="sqs")
    machine = machine_in(None, Tell=call("sns:publish", TopicArn="news"))
    for case in (expected, worst):
        found = case(machine, topic, queue, prices=LIST_PRICES)
        assert quantity(found, "sns_fifo_publish") == quantity(found, "sns_fifo_delivery") == 1
        assert not found.unbounded
    # 256 KB.
    assert quantity(found, "sns_fifo_publish_gb") == Decimal(1) / 4_096
    elsewhere = machine_in(None, Tell=call("sns:publish", TopicArn="arn:aws:sns:us-east-1:1:other.fifo"))
    assert quantity(worst(elsewhere, prices=LIST_PRICES), "sns_fifo_publish") == 1


def test_a_function_may_run_as_long_as_its_timeout() -> None:
    function = resource(
        FUNCTION, "resize", name="resize", memorySize=2048, timeout=30, architectures=["arm64"]
    )
    machine = machine_in(None, Ask=call("lambda:invoke", FunctionName="resize"))
    assert quantity(worst(machine, function), "lambda_arm_gb_second") == 60
    assert reasons(expected(machine, function)) == {"the duration of Ask"}
    assert reasons(worst(machine)) == {"a Lambda function that is not in the plan"}


def test_a_machine_that_another_starts_is_part_of_its_run() -> None:
    inner = machine_in(None, "inner", Work=run_task(3600))
    outer = machine_in(None, "outer", Start=call("states:startExecution.sync:2", StateMachineArn="inner"))
    named = Resource(**{**vars(inner), "properties": {**inner.properties, "name": "inner"}})
    assert worst(outer, named).total == HOUR + 2 * TRANSITION


def test_a_machine_that_starts_itself_has_no_most_that_it_costs() -> None:
    machine = machine_in(None, Start=call("states:startExecution", StateMachineArn="{% $arn %}"))
    assert reasons(worst(machine)) == {"how often the machine starts itself"}


def machines_in_a_row(count: int) -> list[Resource]:
    """Return machines of which each starts the next twice, and the last one a machine that is not in the plan."""

    def states(number: int) -> dict[str, Any]:
        start = call("states:startExecution", StateMachineArn=f"row-{number + 1}")
        return {"First": {**start, "Next": "Second"}, "Second": start}

    machines = (machine_in(None, f"row-{number}", **states(number)) for number in range(count))
    return [replace(each, properties={**each.properties, "name": each.name}) for each in machines]


@pytest.mark.parametrize("case", Case)
def test_a_started_machine_is_estimated_once_for_all_states_that_start_it(case: Case) -> None:
    bill = cost(case, *machines_in_a_row(15))
    # 2 + 4 + ... + 2^15
    assert quantity(bill, "sfn_standard_transition") == 65_534
    assert reasons(bill) == {"a machine that is not in the plan"}


@pytest.mark.parametrize("case", Case)
def test_machines_that_start_one_another_too_deep_have_an_unbounded_cost(case: Case) -> None:
    bill = cost(case, *machines_in_a_row(300))
    assert bill.unbounded
    assert reasons(bill) == {f"machines that start one another more than {MAX_STARTS} deep"}


def test_a_task_on_instances_costs_nothing_more_to_run() -> None:
    found = worst(machine_in(None, Work=run_task(arguments={"LaunchType": "EC2"})))
    assert reasons(found) == {"the instances that it runs on"}
    assert not found.unbounded


def test_every_attempt_of_a_task_adds_the_declared_usage() -> None:
    declares = component(run={"logs_ingested_gb": "0.2"}, seconds={"Work": 60})
    machine = machine_in(declares, Work=run_task(3600, Retry=AGAIN))
    assert quantity(expected(machine, declares), "logs_ingested_gb") == Decimal("0.2")
    assert quantity(worst(machine, declares), "logs_ingested_gb") == Decimal("0.6")


def test_declared_usage_scales_with_the_transitions_of_the_worst_case() -> None:
    # Four states at worst where one is expected; the task is tried once.
    sums = {f"Sum{number}": {"Type": "Pass", "Next": f"Sum{number + 1}"} for number in range(1, 3)}
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Sum1"}]
    declares = component(
        path=["Work"], run={"s3_put_request": 5, "metric_month": "0.5"}, seconds={"Work": 60}
    )
    machine = machine_in(declares, Work=run_task(3600, Catch=catch), **sums, Sum3={"Type": "Succeed"})
    assert quantity(expected(machine, declares), "s3_put_request") == 5
    assert quantity(worst(machine, declares), "s3_put_request") == 4 * 5
    # A charge by the hour does not grow with the number of states.
    assert quantity(worst(machine, declares), "metric_month") == Decimal("0.5")


def test_a_traced_run_is_one_trace() -> None:
    machine = machine_in(None, Work=run_task())
    traced = Resource(
        **{**vars(machine), "properties": {**machine.properties, "tracingConfiguration": {"enabled": True}}}
    )
    assert quantity(worst(traced), "xray_trace") == 1
    assert quantity(worst(machine), "xray_trace") == 0


def test_an_express_machine_is_billed_by_request_and_duration() -> None:
    machine = machine_in(None, Done={"Type": "Succeed"})
    express = Resource(**{**vars(machine), "properties": {**machine.properties, "type": "EXPRESS"}})
    found = worst(express)
    assert {line.key for line in found.lines} == {"sfn_express_request", "sfn_express_gb_second"}
    assert found.unbounded


@pytest.mark.parametrize("case", Case)
@pytest.mark.parametrize(
    "written",
    [UNKNOWN, "[]", "nonsense", '{"States": 3}', '{"StartAt": "A", "States": {"A": {"Type": "Map"}}}'],
)
def test_an_invalid_machine_definition_has_an_unbounded_cost(case: Case, written: Any) -> None:
    found = cost(case, resource(STATE_MACHINE, "machine", definition=written))
    assert found.unbounded


NONSENSE: tuple[dict[str, Any], ...] = (
    {"Type": "Parallel", "Branches": 3, "End": True},
    {"Type": "Map", "Items": 3, "ItemProcessor": [], "End": True},
    {"Type": "Task", "Resource": 5, "End": True},
    run_task(Retry=[{"ErrorEquals": 3}]),
    run_task(arguments={"CapacityProviderStrategy": [3], "Overrides": 7}),
)


@pytest.mark.parametrize("case", Case)
@pytest.mark.parametrize("state", NONSENSE)
def test_a_state_that_means_nothing_raises_nothing(case: Case, state: dict[str, Any]) -> None:
    assert cost(case, machine_in(None, It=state)).lines
