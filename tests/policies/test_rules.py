"""The properties that every rule must have."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft202012Validator

from guardrails.aws import data, types
from guardrails.aws.machines import STATES_BOUNDED
from guardrails.limits import LEVEL
from guardrails.rule import Rule
from guardrails.rules import RULES, THEMES
from guardrails.rules.tags import BILLED_FOR

HERE = Path(__file__).parent
SOURCES = {"docs.aws.amazon.com", "www.pulumi.com", "states-language.net"}
EVERY_RULE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


def test_no_name_stands_there_twice() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_the_first_rule_declares_the_bounds_and_the_last_checks_the_evaluations() -> None:
    assert RULES[0].name == STATES_BOUNDED
    assert RULES[-1].name == "rules-assessed-everything"
    assert [*(rule for theme in THEMES.values() for rule in theme), RULES[-1]] == list(RULES)


@EVERY_RULE
def test_a_rule_states_its_requirement_its_reason_and_its_remedy(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.name)
    for text in (rule.requirement, rule.rationale, rule.remediation):
        assert text.endswith(".")
        assert text[0].isupper() or text.startswith(("$", "."))
        assert "  " not in text
        assert "\n" not in text
    assert ". " not in rule.requirement, "one sentence"
    assert len(re.findall(r"[.:?] |\.$", rule.rationale)) <= 4, "one to three sentences"
    assert rule.resource_types


@EVERY_RULE
def test_a_rule_names_its_source(rule: Rule) -> None:
    address = urlsplit(rule.url)
    assert (address.scheme, address.hostname in SOURCES) == ("https", True), rule.url
    assert address.path.strip("/")


@EVERY_RULE
def test_a_limit_is_described_with_its_default_and_bounds(rule: Rule) -> None:
    keys = [limit.key for limit in rule.limits]
    assert len(set(keys)) == len(keys)
    assert LEVEL not in keys
    for limit in rule.limits:
        assert re.fullmatch(r"[a-z]+([A-Z][a-z]*)*", limit.key)
        assert limit.description.endswith(".")
        Draft202012Validator.check_schema(limit.schema)
        assert not {"default", "description"} & set(limit.schema)
        assert json.loads(json.dumps(limit.default)) == limit.default


@cache
def sdk() -> Path:
    spec = find_spec("pulumi_aws")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


@cache
def known_types() -> frozenset[str]:
    """Return the types of Pulumi's AWS provider, as its SDK registers them."""
    return frozenset(re.findall(r'"(aws:[^"]+)": "\w+"', (sdk() / "__init__.py").read_text(encoding="utf-8")))


@EVERY_RULE
def test_the_types_that_a_rule_evaluates_exist(rule: Rule) -> None:
    assert rule.resource_types <= known_types() | {types.STACK}


def test_every_type_that_has_a_name_is_there() -> None:
    named = {value for name, value in vars(types).items() if name.isupper()}
    assert len(named) > 10
    assert named <= known_types() | {types.STACK}


@pytest.mark.parametrize("billed", BILLED_FOR)
def test_a_type_that_needs_tags_supports_them_as_a_map(billed: str) -> None:
    service, _, module = billed.split(":")[1].partition("/")
    folder = {"lambda": "lambda_"}.get(service, service)
    file = re.sub(r"(?<!^)([A-Z])", r"_\1", module).lower()
    source = (sdk() / folder / f"{file}.py").read_text(encoding="utf-8")
    assert re.search(r"def tags\(self\) -> .*Optional\[.*Mapping\[", source)


@pytest.mark.parametrize(
    "path", sorted(Path(data.__file__).parent.glob("*.json")), ids=lambda path: path.stem
)
def test_a_list_that_rules_go_by_names_its_source(path: Path) -> None:
    assert re.search(r'"sources?": \[?\s*"[^"]*https://', path.read_text(encoding="utf-8"))
    assert data.read(path.stem)


def asked_in(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Return the rules that a test file evaluates, each with the helper: `passes` or `violations`."""
    names = {
        target.id: found
        for node in tree.body
        if isinstance(node, ast.Assign) and (found := named(node.value, {}))
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=question), args=[first, *_]) if found := named(first, names):
                yield question, found


def named(node: ast.expr, names: dict[str, str]) -> str:
    """Return the name of the rule in an expression, or None."""
    match node:
        case ast.Call(func=ast.Name(id="rule"), args=[ast.Constant(value=str(name))]):
            return name
        case ast.Name(id=name):
            return names.get(name, "")
        case _:
            return ""


@cache
def asked() -> frozenset[tuple[str, str]]:
    files = (HERE / "rules").glob("test_*.py")
    return frozenset(
        found for file in files for found in asked_in(ast.parse(file.read_text(encoding="utf-8")))
    )


@EVERY_RULE
@pytest.mark.parametrize("question", ["passes", "violations"])
def test_every_rule_is_shown_to_pass_and_to_refuse(rule: Rule, question: str) -> None:
    assert (question, rule.name) in asked(), f"no test asks {question}(rule({rule.name!r}), …)"
