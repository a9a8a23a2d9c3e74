import json
from functools import cache
from pathlib import Path

import pulumi

plan = json.loads(Path("plan.json").read_text(encoding="utf-8"))
(component,) = (one for one in plan.values() if not one["type"].startswith("aws:"))
parent = pulumi.ComponentResource(component["type"], "pipeline", component["properties"])


@cache
def made(name):
    one = plan[name]
    properties = given(one["properties"])
    return pulumi.CustomResource(one["type"], name, properties, pulumi.ResourceOptions(parent=parent))


def given(value):
    if isinstance(value, list):
        return [given(inner) for inner in value]
    if isinstance(value, dict) and value.keys() == {"later"}:
        return made(value["later"]).id
    return {key: given(inner) for key, inner in value.items()} if isinstance(value, dict) else value


for name, one in plan.items():
    if one is not component:
        made(name)
