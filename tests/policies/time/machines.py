"""Generated machines in the style of hand-written ones, small enough to simulate every relevant path."""

from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]

seconds = st.integers(1, 100)

timeouts: st.SearchStrategy[Json] = st.sampled_from([{}, {"TimeoutSeconds": 30}])


@st.composite
def retriers(draw: st.DrawFn) -> list[Json]:
    return [
        draw(
            st.fixed_dictionaries(
                {"ErrorEquals": st.just([f"Retried{index}"])},
                optional={
                    "MaxAttempts": st.integers(0, 2),
                    "IntervalSeconds": st.integers(1, 20),
                    "BackoffRate": st.sampled_from([1, 1.5, 2, 3.0]),
                    "MaxDelaySeconds": st.integers(1, 30),
                    "JitterStrategy": st.just("FULL"),
                },
            )
        )
        for index in range(draw(st.integers(0, 2)))
    ]


@st.composite
def machines(draw: st.DrawFn, name: str = "S", depth: int = 0, *, express: bool = False) -> Json:
    """Machines without a loop; Fail stands only where it ends the whole machine, not its siblings beside it.

    With `express` some items run as Express executions, which end in a fault when they last too long.
    """
    count = draw(st.integers(1, 3))
    states = {}
    for index in range(count):
        later = [f"{name}{number}" for number in range(index + 1, count)]
        states[f"{name}{index}"] = draw(_states(f"{name}{index}", later, depth, express))
    return {"QueryLanguage": "JSONata", "StartAt": f"{name}0", "States": states}


@st.composite
def counted_loops(draw: st.DrawFn) -> Json:
    """Machines that count the iterations of a loop, up or down; the Choice is before or after the work."""
    work = draw(_states("Work", ["Count"], 1, False).filter(lambda state: state["Type"] in {"Task", "Wait"}))
    work["Next"] = "Count"
    work.pop("End", None)
    sign, below, above = draw(st.sampled_from([(1, "<", ">"), (-1, ">", "<")]))
    limit, first = sign * draw(st.integers(-2, 12)), sign * draw(st.integers(-3, 3))
    again, end = {"Next": "Work"}, {"Next": "Last"}
    goes_on = draw(
        st.sampled_from(
            [
                f"$n {below} {limit}",
                f"{limit} {above} $n",
                f"$n {below}= {limit} and true",
                f"(($n {below} {limit}))",
                f"(true or false) and (true and ($n {below} {limit}))",
            ]
        )
    )
    stops = draw(st.sampled_from([f"$n {above}= {limit}", f"($n {above}= {limit})"]))
    rules = draw(
        st.sampled_from(
            [
                {"Choices": [{"Condition": f"{{% {goes_on} %}}", **again}], "Default": "Last"},
                {"Choices": [{"Condition": f"{{% {stops} %}}", **end}], "Default": "Work"},
            ]
        )
    )
    step = f"$n {'+' if sign > 0 else '-'} {draw(st.integers(1, 3))}"
    return {
        "StartAt": "First",
        "States": {
            "First": {
                "Type": "Pass",
                "Assign": {"n": first},
                "Next": draw(st.sampled_from(["Guard", "Work"])),
            },
            "Guard": {"Type": "Choice", **rules},
            "Work": work,
            "Count": {"Type": "Pass", "Assign": {"n": f"{{% {step} %}}"}, "Next": "Guard"},
            "Last": {"Type": "Wait", "Seconds": draw(seconds), "End": True},
        },
    }


@st.composite
def _states(draw: st.DrawFn, name: str, later: list[str], depth: int, express: bool) -> Json:
    flat = ["Task", "Task", "Wait", "Pass", "Succeed", *(["Fail"] if depth == 0 else [])]
    nested = ["Map", "Parallel"] if depth < 2 else []
    kind = draw(st.sampled_from([*flat, *nested, *(["Choice"] if later else [])]))
    goes_on = bool(later) and draw(st.booleans())
    way: Json = {"Next": draw(st.sampled_from(later))} if goes_on else {"End": True}
    simple: dict[str, Json] = {
        "Succeed": {},
        "Fail": {"Error": "Failed"},
        "Pass": way,
        "Wait": {"Seconds": draw(seconds), **way},
    }
    if kind in simple:
        return {"Type": kind, **simple[kind]}
    if kind == "Choice":
        rules = [
            {"Condition": f"{{% $states.input.pick = {number} %}}", "Next": draw(st.sampled_from(later))}
            for number in range(draw(st.integers(1, 2)))
        ]
        return {"Type": kind, "Choices": rules, "Default": draw(st.sampled_from(later))}
    state: Json = {"Type": kind, "Retry": draw(retriers()), **way}
    if bool(later) and draw(st.booleans()):
        state["Catch"] = [{"ErrorEquals": ["Caught"], "Next": draw(st.sampled_from(later))}]
    if kind == "Task":
        resource = draw(st.sampled_from(["lambda:invoke", "ecs:runTask.waitForTaskToken"]))
        return {**state, "Resource": f"arn:aws:states:::{resource}", "TimeoutSeconds": draw(seconds)}
    if kind == "Parallel":
        parts = range(draw(st.integers(1, 2)))
        return {
            **state,
            "Branches": [draw(machines(f"{name}b{part}", depth + 1, express=express)) for part in parts],
        }
    modes = [{"Mode": "INLINE"}, {"Mode": "DISTRIBUTED"}]
    child = {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
    return {
        **state,
        "Items": list(range(draw(st.integers(0, 5)))),
        "MaxConcurrency": draw(st.integers(0, 3)),
        "ItemProcessor": {
            "ProcessorConfig": draw(st.sampled_from([*modes, child] if express else modes)),
            **draw(machines(f"{name}i", depth + 1, express=express)),
        },
    }


def _wait(draw: st.DrawFn, following: str, **fields: Any) -> Json:
    return {"Type": "Wait", "Seconds": draw(seconds), "Next": following, **fields}


@st.composite
def counted_in_json_path(draw: st.DrawFn) -> Json:
    """Machines that count in JSONPath, in a variable or in their data; some count wrongly, and may never end."""
    counter = draw(st.sampled_from(["$n", "$.n", "$.counter.n", "$.a.b"]))
    first, limit, step = draw(st.integers(-3, 3)), draw(st.integers(-2, 9)), draw(st.integers(-1, 3))
    name, value = draw(
        st.sampled_from(
            [
                ("NumericLessThan", limit),
                ("NumericLessThanEquals", limit),
                ("Not", {"Variable": counter, "NumericEquals": limit}),
                ("Not", {"Variable": counter, "NumericGreaterThanEquals": limit}),
            ]
        )
    )
    goes_on: Json = {name: value} if name == "Not" else {"Variable": counter, name: value}
    if draw(st.booleans()):
        goes_on = {"And": [goes_on, {"Variable": counter, "NumericLessThan": 50}]}
    guard: Json = {"Type": "Choice", "Choices": [{**goes_on, "Next": "Work"}], "Default": "Last"}
    if name == "Not" and draw(st.booleans()):
        stops: Any = value
        guard = {"Type": "Choice", "Choices": [{**stops, "Next": "Last"}], "Default": "Work"}
    keys = counter.split(".")[1:]
    added = (
        f"States.MathAdd({counter}, {step})" if draw(st.booleans()) else f"States.MathAdd({step},{counter})"
    )
    if not keys:
        begin: Json = {"Assign": {"n": first}}
        count: Json = {"Assign": {"n.$": added}}
    else:
        place = {"ResultPath": ".".join(["$", *keys[:-1]])} if len(keys) > 1 else {}
        begin = {"Result": {keys[-1]: first}, **place}
        count = {"Parameters": {f"{keys[-1]}.$": added}, **place}
    work = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "ResultPath": draw(st.sampled_from([None, "$.other", "$.counter.other"])),
        **draw(timeouts),
        "Next": "Count",
    }
    return {
        "StartAt": "First",
        "States": {
            "First": {"Type": "Pass", **begin, "Next": draw(st.sampled_from(["Guard", "Work"]))},
            "Guard": guard,
            "Work": work,
            "Count": {"Type": "Pass", **count, "Next": draw(st.sampled_from(["Guard", "Guard", "Work"]))},
            "Last": {"Type": "Wait", "Seconds": draw(seconds), "End": True},
        },
    }


@st.composite
def nested_loops(draw: st.DrawFn) -> Json:
    """Machines with a loop in a loop, each with a counter; the inner counter begins again, or goes on."""
    outer, inner = draw(st.integers(0, 4)), draw(st.integers(0, 4))
    again: Json = draw(st.sampled_from([{"j": 0}, {"j": 1}, {}]))
    less = draw(st.sampled_from(["<", "!="]))
    return {
        "QueryLanguage": "JSONata",
        "StartAt": "First",
        "States": {
            "First": {"Type": "Pass", "Assign": {"i": 0, "j": 0}, "Next": "Outer"},
            "Outer": {
                "Type": "Choice",
                "Choices": [{"Condition": f"{{% $i < {outer} %}}", "Next": "Inner", "Assign": again}],
                "Default": "Last",
            },
            "Inner": {
                "Type": "Choice",
                "Choices": [{"Condition": f"{{% $j {less} {inner} %}}", "Next": "Work"}],
                "Default": "Rest",
            },
            "Work": _wait(draw, "Inner", Assign={"j": "{% $j + 1 %}"}),
            "Rest": _wait(draw, "Outer", Assign={"i": "{% 1 + $i %}"}),
            "Last": {"Type": "Wait", "Seconds": draw(seconds), "End": True},
        },
    }


@st.composite
def batches(draw: st.DrawFn) -> Json:
    """Machines with a distributed Map of batches, each processed by a Map in it."""
    one = {"StartAt": "One", "States": {"One": {"Type": "Wait", "Seconds": draw(seconds), "End": True}}}
    each: Json = {
        "Type": "Map",
        "ItemsPath": "$.Items",
        "MaxConcurrency": draw(st.integers(1, 3)),
        "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **one},
        "End": True,
    }
    states: Json = {"Each": each}
    if draw(st.booleans()):
        path: Json = {"ResultPath": draw(st.sampled_from([None, "$.other"]))}
        before = {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "TimeoutSeconds": 7,
            "Next": "Each",
        }
        states = {"Before": {**before, **path}, **states}
    distributed = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED"},
        "StartAt": next(iter(states)),
        "States": states,
    }
    batching: Json = {
        "Type": "Map",
        "Items": list(range(draw(st.integers(0, 9)))),
        "ItemBatcher": {"MaxItemsPerBatch": draw(st.integers(1, 4))},
        "MaxConcurrency": draw(st.integers(1, 3)),
        "ItemProcessor": distributed,
        "End": True,
    }
    return {"StartAt": "Batching", "States": {"Batching": batching}}
