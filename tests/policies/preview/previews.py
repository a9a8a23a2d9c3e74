"""Previews as the engine and the pack tell of them."""

from typing import Any

from guardrails.preview.outcome import Preview, Violation

MACHINE = {"name": "weekly", "text": "The slowest path:\nstate  seconds  of\nWork        60  60 s"}
LOGGED = "worker: nothing is logged; write a log group."
BOUNDED = "weekly: Wait has no bound: it is only known at run time; declare how long at most."


def rule(name: str, *, assessed: int = 1, breaches: tuple[str, ...] = (), **changes: Any) -> dict[str, Any]:
    """Return what the pack reports on a rule."""
    return {
        "name": name,
        "disabled": False,
        "assessed": assessed,
        "not_applicable": 0,
        "refused": len(breaches),
        "breaches": list(breaches),
        **changes,
    }


def report(
    *rules: dict[str, Any], machines: tuple[dict[str, Any], ...] = (), limits: str = "ours.json"
) -> dict[str, Any]:
    """Return what the pack reports on a plan."""
    return {"resources": 12, "limits": limits, "rules": list(rules), "machines": list(machines)}


def violation(rule: str, message: str, level: str = "mandatory") -> Violation:
    """Return a breach as the engine tells it."""
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
