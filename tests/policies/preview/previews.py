"""Previews with violations of the engine and reports of the pack, for tests."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from guardrails.preview.preview_result import Preview, Violation

Json = dict[str, Any]

MACHINE = {
    "name": "weekly",
    "text": "The slowest path:\nstate  seconds  of\nWork        60  60 s",
    "worst_case_seconds": 60,
    "timeout_seconds": 90,
}
LOGGED = "worker: nothing is logged; write a log group."
BOUNDED = "weekly: Wait has no bound: it is only known at run time; declare how long at most."


def line(service: str, price: str, usd: str | None) -> Json:
    """Return a line of a bill; its amount may be unknown, because its quantity is."""
    same = dict.fromkeys(("usd", "usd_each", "usd_with_free_tier"), usd)
    return {"service": service, "price": price, "quantity": usd and "1", **same}


def bill(*lines: Json, is_bounded: bool = True) -> Json:
    """Return a bill of some lines."""
    total = sum(Decimal(one["usd"]) for one in lines if one["usd"] is not None)
    return {
        "lines": list(lines),
        "total": str(total),
        "total_with_free_tier": str(total),
        "is_bounded": is_bounded,
    }


def cost_of_machine(name: str, expected: str, worst: str, *, is_bounded: bool = True) -> Json:
    """Return the cost of a machine's runs."""
    run = line("AWS Fargate", "fargate_x86_vcpu_hour", expected)
    return {
        "name": name,
        "run": {"expected": bill(run), "worst": bill({**run, "usd": worst}, is_bounded=is_bounded)},
        "runs_a_month": {"expected": "4", "worst": "5"},
    }


def costs(expected: Sequence[Json], worst: Sequence[Json] | None = None, *machines: Json) -> Json:
    """Return the cost of a stack in a month, by default the same in both cases, and of the machines' runs."""
    return {
        "regions": ["us-east-1"],
        "as_of": "2026-09-11",
        "month": {"expected": bill(*expected), "worst": bill(*(expected if worst is None else worst))},
        "machines": list(machines),
        "depends_on": {"how often it is used": ["key", "other-key"]},
        "not_priced": {},
        "only_read": {},
        "unverified_prices": [],
    }


FARGATE = line("AWS Fargate", "fargate_x86_vcpu_hour", "1.50")
METRICS = line("Amazon CloudWatch", "metric_month", "3")
ALARMS = line("Amazon CloudWatch", "alarm_standard_month", "0.1")
REQUESTS = line("AWS KMS", "kms_request", None)
NAT = line("Amazon VPC", "nat_gateway_hour", "32.85")
WEEKLY = cost_of_machine("weekly", "0.37", "1.24")
COSTS = costs([FARGATE, METRICS, ALARMS, REQUESTS], None, WEEKLY)


def rule(name: str, *, assessed: int = 1, breaches: tuple[str, ...] = (), **changes: Any) -> Json:
    """Return the pack's report on a rule."""
    return {
        "name": name,
        "requirement": f"The requirement of {name}.",
        "rationale": f"The reason for {name}.",
        "remediation": f"The remedy of {name}.",
        "url": "https://docs.aws.amazon.com/",
        "severity": "high",
        "level": "mandatory",
        "disabled": False,
        "evaluated": assessed,
        "not_applicable": 0,
        "deferred": 0,
        "exempted": 0,
        "before_deployment": False,
        "violated": len(breaches),
        "violations": list(breaches),
        **changes,
    }


def report(
    *rules: Json,
    machines: tuple[Json, ...] = (),
    limits: str = "p/ours.json",
    limits_file: str | None = None,
    cost: Json = COSTS,
    resources: int = 12,
    urns: Sequence[str] = (),
    deferred: tuple[Json, ...] = (),
    exemptions: tuple[Json, ...] = (),
) -> Json:
    """Return the pack's report on a plan."""
    return {
        "resources": resources,
        "urns": list(urns),
        "limits": limits,
        "limits_file": limits_file,
        "rules": list(rules),
        "deferred": list(deferred),
        "exemptions": list(exemptions),
        "machines": list(machines),
        "cost": cost,
    }


def violation(rule: str, message: str, level: str = "mandatory") -> Violation:
    """Return a violation as the engine reports it."""
    return Violation(rule=rule, level=level, message=message, urn=f"urn:pulumi:dev::p::t::{message[:6]}")


PASSED = Preview(stack="dev", report=report(rule("bounded"), machines=(MACHINE,)))
ADVISED = Preview(
    stack="dev",
    violations=[violation("logged", LOGGED, "advisory")],
    report=report(rule("bounded"), rule("logged", breaches=(LOGGED,))),
)
REFUSED = Preview(
    stack="prod",
    violations=[violation("logged", LOGGED, "advisory"), violation("bounded", BOUNDED)],
    report=report(
        rule("bounded", breaches=(BOUNDED,)),
        rule("logged", assessed=3, not_applicable=2, breaches=(LOGGED,)),
        rule("cheap", disabled=True, assessed=0),
        machines=(MACHINE, {"name": "other", "unknown": "definition is not known"}),
    ),
)
FAILED = Preview(
    stack="local", errors=["2 settings cannot be used:\n  a: is missing; write it\n  b: is too much"]
)
