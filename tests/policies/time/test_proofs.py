from typing import Any

from guardrails.time.analysis import analyse

Json = dict[str, Any]


def loop(guard: Json, begin: Json, count: Json, **work: Any) -> Json:
    """Wait for a second for as long as the guard goes on."""
    return {
        "StartAt": "Begin",
        "States": {
            "Begin": {"Type": "Pass", **begin, "Next": "Guard"},
            "Guard": {"Type": "Choice", **guard},
            "Work": {"Type": "Wait", "Seconds": 1, "Next": "Count", **work},
            "Count": {"Type": "Pass", **count, "Next": "Guard"},
            "End": {"Type": "Succeed"},
        },
    }


def while_(rule: Json) -> Json:
    return {"Choices": [{**rule, "Next": "Work"}], "Default": "End"}


def until(rule: Json) -> Json:
    return {"Choices": [{**rule, "Next": "End"}], "Default": "Work"}


IN_VARIABLE = ({"Assign": {"n": 0}}, {"Assign": {"n.$": "States.MathAdd($n, 1)"}})
IN_DATA = (
    {"Result": {"n": 0}, "ResultPath": "$.c"},
    {"Parameters": {"n.$": "States.MathAdd($.c.n, 1)"}, "ResultPath": "$.c"},
)


def seconds(definition: Json) -> float | None:
    return analyse(definition).worst_case_seconds


def test_counters_in_json_path_are_proved() -> None:
    for name, (begin, count) in (("$n", IN_VARIABLE), ("$.c.n", IN_DATA)):
        for guard in (
            while_({"Variable": name, "NumericLessThan": 9}),
            while_({"Variable": name, "NumericLessThanEquals": 8}),
            while_(
                {"And": [{"Variable": "$.x", "IsPresent": True}, {"Variable": name, "NumericLessThan": 9}]}
            ),
            while_({"Not": {"Variable": name, "NumericGreaterThanEquals": 9}}),
            until({"Variable": name, "NumericGreaterThanEquals": 9}),
            until({"Variable": name, "NumericEquals": 9}),
            until({"Or": [{"Variable": "$.x", "IsPresent": True}, {"Variable": name, "NumericEquals": 9}]}),
        ):
            assert seconds(loop(guard, begin, count)) == 9, guard


def test_a_condition_in_json_path_that_implies_no_limit_bounds_nothing() -> None:
    begin, count = IN_DATA
    for guard in (
        while_({"Variable": "$.c.m", "NumericLessThan": 9}),
        while_({"Variable": "$.c.n", "NumericLessThanPath": "$.most"}),
        while_({"Or": [{"Variable": "$.x", "IsPresent": True}, {"Variable": "$.c.n", "NumericLessThan": 9}]}),
        until({"And": [{"Variable": "$.x", "IsPresent": True}, {"Variable": "$.c.n", "NumericEquals": 9}]}),
        {**while_({"Variable": "$.c.n", "NumericLessThan": 9}), "InputPath": "$.other"},
        until({"Variable": "$.c.n", "NumericEquals": -1}),
        until({"Variable": "$.c.n", "StringEquals": "9"}),
    ):
        assert seconds(loop(guard, begin, count)) is None, guard


def test_data_that_a_state_in_the_loop_replaces_counts_nothing() -> None:
    begin, count = IN_DATA
    guard = while_({"Variable": "$.c.n", "NumericLessThan": 9})
    call = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "TimeoutSeconds": 1}
    for kept in ({"ResultPath": None}, {"ResultPath": "$.answer"}, {"ResultPath": "$.c.answer"}):
        assert seconds(loop(guard, begin, count, **call, **kept)) == 9, kept
    for lost in (
        {},
        {"ResultPath": "$"},
        {"ResultPath": "$.c"},
        {"ResultPath": "$.c.n"},
        {"ResultPath": "$.c.n.x"},
        {"ResultPath": "$['c']"},
        {"ResultPath": "$.answer", "OutputPath": "$.answer"},
    ):
        assert seconds(loop(guard, begin, count, **call, **lost)) is None, lost
    caught = {**call, "ResultPath": None}
    for path, bound in (("$.error", 9), ("$", None), ("$.c", None)):
        catch = [{"ErrorEquals": ["States.ALL"], "ResultPath": path, "Next": "Count"}]
        assert seconds(loop(guard, begin, count, **caught, Catch=catch)) == bound, path


def test_a_counter_that_begins_in_the_input_bounds_nothing() -> None:
    _, count = IN_DATA
    assert seconds(loop(while_({"Variable": "$.c.n", "NumericLessThan": 9}), {}, count)) is None


def test_a_counter_that_may_skip_the_number_it_is_compared_with_bounds_nothing() -> None:
    def unequal(first: int, step: str, **work: Any) -> Json:
        guard = while_({"Condition": "{% $n != 9 %}"})
        machine = loop(guard, {"Assign": {"n": first}}, {"Assign": {"n": f"{{% $n {step} %}}"}}, **work)
        return {"QueryLanguage": "JSONata", **machine}

    assert seconds(unequal(0, "+ 1")) == 9
    assert seconds(unequal(0, "+ 3")) == 3
    assert seconds(unequal(18, "- 1")) == 9
    assert seconds(unequal(9, "+ 1")) == 0
    for first, step in ((10, "+ 1"), (0, "+ 2"), (8, "- 1")):
        assert seconds(unequal(first, step)) is None
    assert seconds(unequal(0, "+ 1", Assign={"n": "{% $n + 1 %}"})) is None
    # In JSONPath the step is a text, which is never 9.
    assert seconds({**unequal(0, "+ 1"), "QueryLanguage": "JSONPath"}) is None


def test_two_counters_of_one_loop_take_their_iterations_together() -> None:
    definition = {
        "QueryLanguage": "JSONata",
        "StartAt": "Begin",
        "States": {
            "Begin": {"Type": "Pass", "Assign": {"a": 0, "b": 0}, "Next": "Work"},
            "Work": {"Type": "Wait", "Seconds": 1, "Next": "Either"},
            "Either": {
                "Type": "Choice",
                "Choices": [
                    {"Condition": "{% $a < 3 %}", "Assign": {"a": "{% $a + 1 %}"}, "Next": "Work"},
                    {"Condition": "{% $b < 4 %}", "Assign": {"b": "{% $b + 1 %}"}, "Next": "Work"},
                ],
                "Default": "End",
            },
            "End": {"Type": "Succeed"},
        },
    }
    assert seconds(definition) == 1 + 3 + 4


def test_sixty_loops_in_one_another_are_proved() -> None:
    states: Json = {"S": {"Type": "Pass", "Assign": {"n0": 0}, "Next": "C0"}, "E": {"Type": "Succeed"}}
    count = 60
    for n in range(count):
        inner = {"Next": f"C{n + 1}", "Assign": {f"n{n + 1}": 0}} if n + 1 < count else {"Next": f"W{n}"}
        states[f"C{n}"] = {
            "Type": "Choice",
            "Choices": [{"Condition": f"{{% $n{n} < 2 %}}", **inner}],
            "Default": f"W{n - 1}" if n else "E",
        }
        work = {"Type": "Wait", "Seconds": 1, "Assign": {f"n{n}": f"{{% $n{n} + 1 %}}"}, "Next": f"C{n}"}
        states[f"W{n}"] = work
    assert seconds({"QueryLanguage": "JSONata", "StartAt": "S", "States": states}) == float(
        2 ** (count + 1) - 2
    )


def test_a_function_takes_900_seconds_without_a_timeout() -> None:
    def task(resource: str, **fields: Any) -> Json:
        return {
            "StartAt": "A",
            "States": {"A": {"Type": "Task", "Resource": resource, "End": True, **fields}},
        }

    for resource in (
        "arn:aws:states:::lambda:invoke",
        "arn:aws-cn:lambda:cn-north-1:123456789012:function:tiles:7",
        "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${Tiles}",
    ):
        assert seconds(task(resource)) == 900
        assert seconds(task(resource, TimeoutSecondsPath="$.t")) == 900
        assert seconds(task(resource, TimeoutSeconds=60)) == 60
        assert seconds(task(resource, TimeoutSeconds="60")) is None
    for resource in (
        "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "arn:aws:states:::sns:publish",
        "${Tiles}",
        "arn:aws:states:us-east-1:123456789012:activity:lambda:invoke",
    ):
        assert seconds(task(resource)) is None
    assert seconds(task("${Tiles}", TimeoutSeconds=60)) is None


def test_a_retrier_of_an_error_that_the_state_never_raises_adds_nothing() -> None:
    def retried(error: str, **fields: Any) -> float | None:
        retry = [{"ErrorEquals": [error], "MaxAttempts": 1, "IntervalSeconds": 1}]
        state = {"Type": "Task", "TimeoutSeconds": 10, "Retry": retry, "End": True, **fields}
        return seconds({"StartAt": "A", "States": {"A": state}})

    queue, token = "arn:aws:states:::sqs:sendMessage", "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
    for never in (
        "States.BranchFailed",
        "States.NoChoiceMatched",
        "States.HeartbeatTimeout",
        "Lambda.TooManyRequests",
    ):
        assert retried(never, Resource=queue) == 10, never
    for may in ("States.ALL", "States.Timeout", "States.TaskFailed", "SQS.Any", "Own"):
        assert retried(may, Resource=queue) == 21, may
    assert retried("Lambda.TooManyRequests", Resource=token) == 21
    assert retried("Lambda.TooManyRequests", Resource="arn:aws:states:::lambda:invoke") == 21
    assert retried("Lambda.TooManyRequests", Resource="arn:${P}:states:::${Call}") == 21
    assert retried("States.HeartbeatTimeout", Resource=token, HeartbeatSeconds=5) == 21


def test_express_items_end_after_300_seconds_whatever_their_states_do() -> None:
    def each(item: Json, type_: str) -> float | None:
        config = {"Mode": "DISTRIBUTED", "ExecutionType": type_}
        processor = {"ProcessorConfig": config, "StartAt": "A", "States": {"A": item}}
        state = {"Type": "Map", "Items": [1, 2], "MaxConcurrency": 1, "ItemProcessor": processor, "End": True}
        return seconds({"StartAt": "Each", "States": {"Each": state}})

    endless: list[Json] = [
        {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": True},
        {"Type": "Wait", "Seconds": 1, "Next": "A"},
    ]
    for item in endless:
        assert each(item, "EXPRESS") == 600
        assert each(item, "STANDARD") is None
    # A machine that AWS rejects is still refused.
    assert each({"Type": "Wait", "Seconds": 1, "Next": "Missing"}, "EXPRESS") is None


def test_a_batch_bounds_the_items_of_the_map_in_it() -> None:
    def batched(path: str = "$.Items", outer: Json | None = None, **inner: Any) -> float | None:
        one = {"StartAt": "One", "States": {"One": {"Type": "Wait", "Seconds": 1, "End": True}}}
        each = {
            "Type": "Map",
            "ItemsPath": path,
            "MaxConcurrency": 1,
            "ItemProcessor": one,
            "End": True,
            **inner,
        }
        processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, "StartAt": "Each", "States": {"Each": each}}
        batching = {"Type": "Map", "MaxConcurrency": 1, "ItemProcessor": processor, "End": True}
        batcher = {"Items": list(range(10)), "ItemBatcher": {"MaxItemsPerBatch": 5}}
        return seconds({"StartAt": "B", "States": {"B": {**batching, **batcher, **(outer or {})}}})

    assert batched() == 2 * 5
    assert batched(Items="{% $states.input.Items %}", path="") == 2 * 5
    assert batched(path="$.Others") is None
    assert batched(InputPath="$.Items") is None
    # A limit in bytes, or a selector that makes items larger, may leave one item in each batch.
    assert batched(outer={"ItemBatcher": {"MaxItemsPerBatch": 5, "MaxInputBytesPerBatch": 9}}) == 10 * 5
    assert batched(outer={"ItemSelector": {"item.$": "$$.Map.Item.Value"}}) == 10 * 5
