"""Generated machines in the style of hand-written ones, small enough to simulate every relevant path."""

from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]

seconds = st.integers(1, 100)


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
