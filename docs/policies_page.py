"""Writes what the policy pack asks as a page: the rules by theme, then each with its reason and its limits."""

import json
from collections.abc import Iterator, Mapping, Sequence

from docs import other_policies
from docs.schema_words import default, kind
from guardrails.limits import FOLDER, load, schema
from guardrails.mistakes import mistakes
from guardrails.rule import Level, Limit, Rule, Scope
from guardrails.rules import RULES, THEMES

_HEAD = """\
# Policies

The policy pack in [policies](../policies) judges a plan before anything of it is deployed: whether every run comes to
an end in time, whether its parts fit each other, and whether it can be operated. It reads the plan alone and knows
nothing of the program that made it, so that it judges any Pulumi program with state machines of Step Functions. A value
that is missing, or not known before something else is created, is a breach: what nobody can see, nobody has checked.
Judged are the resources of Pulumi's AWS provider (`aws`), also those in components, as of `awsx`. Those of others, as
of `aws-native`, are not, nor what a template of CloudFormation holds; a state machine there is refused by
[rules-assessed-everything](#rules-assessed-everything), since no rule could see how long it runs.
This page and [the schema of the limits](../policies/limits.schema.json) are made of the rules (`make docs`).

    make policy                                      # previews every stack through the rules, offline
    make policy ARGS="--base main"                   # and what has changed since that revision
    make policy ARGS=--what-if                       # what the settings of policies/what-if.yaml would change
    pulumi preview --policy-pack policies            # the stack that is selected
    pulumi up --policy-pack policies                 # nothing is deployed while a mandatory rule is broken
    cd policies && python -m guardrails preview DIR  # any project: 0 nothing refused, 1 refused, 2 a wrong
                                                     # command line, 3 a stack that could not be previewed

## How a rule answers

A breach says in one sentence what, measured how, against which limit, and which setting to change; all of them are
told, not the first alone. What a breach does is the rule's level: *mandatory* ends the preview or the update,
*advisory* is shown and nothing else. Most rules are asked about one resource, by what it was given, before it is
created. Those that compare several are asked once the whole stack is planned; `pulumi up --skip-preview` asks them when
it is there already.

What several rules need and nobody can read is told once: a machine's definition by `machine-states-bounded`, a task's
containers by `container-stop-timeout`. The others are then not applicable, unless that rule is switched off, or only
advises, whichever file says so.

## The rules
"""
_LIMITS = """\
## Limits of a stack

`policies/limits/<stack>.json` sets a rule's limits and its level for one stack; without a file, or without a line in
it, the defaults hold, and the first line of `make policy` says "limits: defaults" of a stack without one. A limit
itself still passes. The file is checked against the rules; what is given by `--policy-pack-config` instead is not:
Pulumi passes over the name of a rule that it does not know.
"""
_MISTAKES = """
A file that cannot be used is not used: all its mistakes are told, and nothing is judged.
"""
_TABLE = "\n| limit | value | default | what it bounds |\n|---|---|---|---|"
# What each theme is about; the rule that looks after the others belongs to none.
_ABOUT = {
    "time": "Every run comes to an end, in time.",
    "wiring": "The parts fit each other.",
    "operations": "What runs can be looked into, belongs to somebody, and is encrypted where it lies.",
}
_PACK = "the pack itself"

_FEW = 4  # kinds of resources that are named one by one

_SCOPES = {Scope.RESOURCE: "before it is created", Scope.STACK: "once the stack is planned"}

# A limits file with mistakes of many kinds.
_WRONG = {
    "log-retention": {"minRetentionDays": 7},
    "log-retention-set": {"minRetention": 7, "maxRetentionDays": "a year"},
    "machine-logged": {"enforcementLevel": "off"},
    "map-concurrency-bounded": {"maxConcurrency": 0},
}


def limits_schema() -> str:
    """Return the schema of a limits file, as a file."""
    return json.dumps(schema(RULES), indent=2, ensure_ascii=False) + "\n"


def page() -> str:
    """Return the page."""
    lines = [_HEAD, *_overview(), _LIMITS, *_stacks(), _MISTAKES]
    lines += [f"    {mistake}" for mistake in mistakes(schema(RULES), _WRONG)]
    for theme, rules in _themes().items():
        lines.append(f"\n## {theme.capitalize()}")
        for rule in rules:
            lines += _section(rule)
    return "\n".join([*lines, other_policies.section()]) + "\n"


def _themes() -> Mapping[str, Sequence[Rule]]:
    themed = [rule for rules in THEMES.values() for rule in rules]
    return {**THEMES, _PACK: [rule for rule in RULES if rule not in themed]}


def _overview() -> Iterator[str]:
    for theme, rules in _themes().items():
        yield f"**{theme.capitalize()}.** {_ABOUT.get(theme, 'Nothing was passed over.')}\n"
        yield "| rule | what it asks | a breach |\n|---|---|---|"
        for rule in rules:
            yield f"| [{rule.name}](#{rule.name}) | {rule.requirement} | {_weight(rule)} |"
        yield ""


def _weight(rule: Rule) -> str:
    return str(rule.severity) if rule.level is Level.MANDATORY else f"{rule.severity}, {rule.level}"


def _section(rule: Rule) -> Iterator[str]:
    asked = ", ".join(f"`{type_}`" for type_ in sorted(rule.judges)[:_FEW])
    more = f" and {len(rule.judges) - _FEW} more kinds of resources" if len(rule.judges) > _FEW else ""
    yield f"\n### {rule.name}\n\n**{rule.requirement}** {rule.rationale}\n"
    yield f"- To mend it: {rule.remediation}"
    yield f"- A breach: {rule.severity}, {rule.level}. Asked about {asked}{more}, {_SCOPES[rule.scope]}."
    yield f"- Source: <{rule.url}>"
    if rule.limits:
        yield _TABLE
        yield from map(_limit, rule.limits)


def _limit(limit: Limit) -> str:
    value = {**limit.schema, "default": limit.default}
    return f"| `{limit.key}` | {kind(value)} | {default(value)} | {limit.description} |"


def _stacks() -> Iterator[str]:
    yield "| stack | rule | what differs from the defaults |\n|---|---|---|"
    for path in sorted(FOLDER.glob("*.json")):
        for name, limits in load(path, RULES).items():
            set_ = ", ".join(f"`{key}`: `{json.dumps(value)}`" for key, value in limits.items())
            yield f"| {path.stem} | [{name}](#{name}) | {set_} |"
