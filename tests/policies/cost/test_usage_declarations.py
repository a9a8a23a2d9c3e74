from decimal import Decimal

from guardrails.cost.usage_declarations import FIELDS, DeclaredUsage, declared_usage, with_declarations
from guardrails.plan import Plan
from tests.policies.cost.machines import component, machine_in
from tests.policies.plans import resource

DONE = {"Type": "Succeed"}


def test_the_nearest_holds_for_each_name_that_it_says() -> None:
    outer = component(seconds={"Check": 90, "Work": 60}, starts=4, path=["Check", "Work"])
    inner = resource(
        "acme:Inner", "inner", parent=outer, expected={"seconds": {"Work": 30}, "path": ["Work"]}
    )
    machine = machine_in(inner, Done=DONE)
    plan = Plan.of([machine], [outer, inner])
    found = declared_usage(plan, machine)
    assert found.seconds == {"Check": 90, "Work": 30}
    assert (found.starts, found.path) == (Decimal(4), ("Work",))


def test_the_callers_declaration_for_one_state_keeps_the_others() -> None:
    # A component and its machine often have one name.
    around = resource("acme:Machine", "machine", expected={"seconds": {"Check": 90, "Work": 60}})
    machine = machine_in(around, Done=DONE)
    plan = with_declarations(Plan.of([machine, around], [around]), {"machine": {"seconds": {"Work": 30}}})
    assert declared_usage(plan, plan.resources[machine.urn]).seconds == {"Check": 90, "Work": 30}


def test_the_callers_declaration_for_a_component_applies_to_its_resources() -> None:
    around = component(seconds={"Work": 60})
    machine = machine_in(around, Done=DONE)
    plan = with_declarations(Plan.of([machine, around], [around]), {"pipeline": {"starts": 9}})
    assert declared_usage(plan, machine) == DeclaredUsage(starts=Decimal(9), seconds={"Work": Decimal(60)})


def test_every_part_is_read() -> None:
    declares = component(
        path=["Work"],
        seconds={"Work": 1},
        items={"Work": 1},
        run={"kms_request": 1},
        month={"kms_request": 1},
        starts=1,
        startsByRun={"other": 1},
        enabled=True,
        everyStarts=2,
    )
    assert declares.properties["expected"].keys() == FIELDS.keys()
    found = declared_usage(Plan.of([], [declares]), declares)
    assert [part for part, value in vars(found).items() if value == vars(DeclaredUsage())[part]] == []


def test_invalid_usage_declarations_are_ignored() -> None:
    nonsense = dict.fromkeys(FIELDS, "nonsense") | {"everyStarts": "0.5", "seconds": {"Work": -1}}
    declares = component(**nonsense)
    assert declared_usage(Plan.of([], [declares]), declares) == DeclaredUsage()
