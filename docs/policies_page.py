"""The page on the policy pack: an overview of the rules by theme, then each rule with its reason and its limits."""

import json
from collections.abc import Iterator, Mapping, Sequence

from docs import other_policies, planted_mistakes
from docs.schema_words import default, kind
from guardrails.limits import load, schema
from guardrails.limits_source import FOLDER
from guardrails.mistakes import mistakes
from guardrails.rule import Level, Limit, Rule, Scope
from guardrails.rules import RULES, THEMES

_HEAD = """\
# Policies

The policy pack in [policies](../policies) checks a plan before anything is deployed: every run ends in time, the parts
fit together, the costs are within limits, and the stack can be operated. It reads only the plan and imports nothing of
the program, so that it works on any Pulumi program with Step Functions state machines. A value that is missing is a
violation, because it cannot be checked.

The rules read the resources of Pulumi's AWS provider (`aws`), also inside components such as those of `awsx`. They do
not read resources of other providers such as `aws-native`, nor CloudFormation templates; a state machine there is a
violation of [rules-assessed-everything](#rules-assessed-everything). This page and
[the schema of the limits](../policies/limits.schema.json) are generated from the rules (`make docs`).

    make policy                                      # preview every stack with the rules, offline
    make policy ARGS=--verbose                       # add each rule, the slowest paths and the costs
    make policy ARGS="--base main"                   # show what has changed since that revision
    make policy ARGS=--what-if                       # show the effect of the settings in policies/what-if.yaml
    pulumi preview --policy-pack policies            # preview the selected stack
    pulumi up --policy-pack policies                 # deploy only without a mandatory violation
    cd policies && python -m guardrails preview DIR  # any project; guardrails.md lists the options and exit codes

## How rules are evaluated

A violation is a sentence with the value, the limit and the setting to change; all violations are reported, not only the
first. The rule's level decides what a violation does: *mandatory* fails the preview or the update, *advisory* only
warns. Most rules evaluate one resource by its inputs, before it is created. Rules that compare several resources are
evaluated once the whole stack is planned; with `pulumi up --skip-preview` that is after the deployment.

An unreadable property that several rules need is reported once: a machine's definition by `machine-states-bounded`, the
containers of a task definition by `container-stop-timeout`. The other rules are then not applicable, unless that rule
is disabled or advisory.

Permissions are evaluated as IAM does: policies, permissions boundaries, the policies of topics, queues and keys, and
trust. A condition on what a plan cannot know, such as an address, is neither a missing permission nor a certain one. A
role whose policy is not known at a first preview is not evaluated by `role-allows-its-user`, and the report says so;
build policies from names, and a first preview sees them.

A property that is not known until another resource is created, such as a definition with the ARN of a new Lambda
function, defers the rules that read it. The preview lists them, and exits with code 4. At the update, a rule on one
resource is evaluated before that resource is created, and a rule on the whole stack at the end. With
`"rules-assessed-everything": { "unknowns": "refused" }` in the limits such a property is a violation.

`placeholders-replaced` concerns the deployment: `pulumi preview` and `pulumi up` refuse a placeholder, while
`make policy` and `guardrails preview` list it first, as to be mended before the deployment, and pass.

## How to add a rule, a price or a resource type

- **A rule** is a `Rule` in a file of [rules](../policies/guardrails/rules), in the file's tuple `RULES`. A new file
  needs its line in `THEMES` of [the registry of rules](../policies/guardrails/rules/__init__.py). Add tests in
  `tests/policies/rules/`, and a plan that violates it in `tests/policies/bad_plans/mutations.py`.
- **A price** is an entry of `keys` in [prices.json](../policies/guardrails/cost/prices/prices.json), with its usage
  types for `python -m guardrails prices refresh`, and an entry with its source in each region.
- **A priced resource type** is a function in the file of its AWS service in
  [cost/resources](../policies/guardrails/cost/resources), in the file's `PRICING`. A new service needs a file and its
  line in the registry, `PRICINGS` of `cost/resources/__init__.py`. A free type is a line of
  [free.json](../policies/guardrails/cost/data/free.json); the price of a call by a state is a line of
  [calls.json](../policies/guardrails/cost/data/calls.json). Add tests in `tests/policies/cost/resources/`.
- Then run `make docs` and `make test ARGS="tests/policies tests/docs"`.

## The rules
"""
_LIMITS = """\
## Limits of a stack

`policies/limits/<project>/<stack>.json` sets the limits and the level of rules for one stack of one project; `--limits`
names another file or folder. Defaults apply to everything that it leaves out. The first line of every report names the
file, or says "limits: defaults". A value equal to a limit passes. The file is validated, and so are the names of rules
in `--policy-pack-config`. `"version": 1` is the version of its form; a file without one is refused with the command
that migrates it, `python -m guardrails limits migrate`.

`exemptions` accepts violations of one rule by one resource or one state, with a reason:
[Exempt a violation](guardrails.md#exempt-a-violation).
"""
_MISTAKES = """
A file with mistakes stops the preview; all its mistakes are listed:
"""
_TABLE = "\n| limit | value | default | description |\n|---|---|---|---|"
# The descriptions of the themes; the rule on the other rules belongs to none.
_ABOUT = {
    "time": "Every run ends, in time.",
    "wiring": "The parts fit together.",
    "cost": "The costs are known and within limits.",
    "operations": "Runs can be investigated, costs can be attributed, and data is encrypted and not open to others.",
}
_PACK = "the pack itself"

_FEW = 4  # resource types that are named

_SCOPES = {Scope.RESOURCE: "before each is created", Scope.STACK: "when the stack is planned"}

# A limits file with several kinds of mistakes.
_WRONG = {
    "version": 1,
    "log-retention": {"minRetentionDays": 7},
    "log-retention-set": {"minRetention": 7, "maxRetentionDays": "a year"},
    "machine-logged": {"enforcementLevel": "off"},
    "map-concurrency-bounded": {"maxConcurrency": 0},
}


def limits_schema() -> str:
    """Return the JSON schema of limits files, as the text of a file."""
    return json.dumps(schema(RULES), indent=2, ensure_ascii=False) + "\n"


def page() -> str:
    """Return the page on the policy pack."""
    lines = [_HEAD, *_overview(), _LIMITS, *_stacks(), _MISTAKES]
    lines += [f"    {mistake}" for mistake in mistakes(schema(RULES), _WRONG)]
    for theme, rules in _themes().items():
        lines.append(f"\n## {theme.capitalize()}")
        for rule in rules:
            lines += _section(rule)
    return "\n".join([*lines, planted_mistakes.section(), other_policies.section()]) + "\n"


def _themes() -> Mapping[str, Sequence[Rule]]:
    themed = [rule for rules in THEMES.values() for rule in rules]
    return {**THEMES, _PACK: [rule for rule in RULES if rule not in themed]}


def _overview() -> Iterator[str]:
    for theme, rules in _themes().items():
        yield f"**{theme.capitalize()}.** {_ABOUT.get(theme, 'Every rule was evaluated.')}\n"
        yield "| rule | requirement | severity |\n|---|---|---|"
        for rule in rules:
            yield f"| [{rule.name}](#{rule.name}) | {rule.requirement} | {_weight(rule)} |"
        yield ""


def _weight(rule: Rule) -> str:
    return str(rule.severity) if rule.level is Level.MANDATORY else f"{rule.severity}, {rule.level}"


def _section(rule: Rule) -> Iterator[str]:
    types = ", ".join(f"`{type_}`" for type_ in sorted(rule.resource_types)[:_FEW])
    more = f" and {len(rule.resource_types) - _FEW} more types" if len(rule.resource_types) > _FEW else ""
    yield f"\n### {rule.name}\n\n**{rule.requirement}** {rule.rationale}\n"
    yield f"- Remediation: {rule.remediation}"
    yield f"- Severity: {rule.severity}, {rule.level}. Evaluated for {types}{more}, {_SCOPES[rule.scope]}."
    yield f"- Source: <{rule.url}>"
    if rule.limits:
        yield _TABLE
        yield from map(_limit, rule.limits)


def _limit(limit: Limit) -> str:
    value = {**limit.schema, "default": limit.default}
    return f"| `{limit.key}` | {kind(value)} | {default(value)} | {limit.description} |"


def _stacks() -> Iterator[str]:
    yield "| stack | rule | values other than the defaults |\n|---|---|---|"
    for path in sorted(FOLDER.glob("*/*.json")):
        for name, limits in load(path, RULES).items():
            set_ = ", ".join(f"`{key}`: `{json.dumps(value)}`" for key, value in limits.items())
            yield f"| {path.parent.name}/{path.stem} | [{name}](#{name}) | {set_} |"
