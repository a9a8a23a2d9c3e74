"""Short ways to write policies and requests in tests."""

from typing import Any

from guardrails.iam.document import Policy, parse
from guardrails.iam.evaluation import Outcome, Policies, evaluate
from guardrails.iam.request import Principal, Request, role

ACCOUNT, OTHER_ACCOUNT = "111122223333", "444455556666"
WORKER = role(f"arn:aws:iam::{ACCOUNT}:role/worker")
STRANGER = role(f"arn:aws:iam::{OTHER_ACCOUNT}:role/worker")
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:news"
BUCKET = "arn:aws:s3:::reports"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd"


def allow(*actions: str, on: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": on, **more}


def deny(*actions: str, on: Any = "*", **more: Any) -> dict[str, Any]:
    return allow(*actions, on=on, **more) | {"Effect": "Deny"}


def policy(*statements: dict[str, Any], name: str = "policy") -> Policy:
    return parse(name, {"Version": "2012-10-17", "Statement": list(statements)})


def request(
    action: str, on: str | None = "*", by: Principal = WORKER, account: str = ACCOUNT, **context: Any
) -> Request:
    keys = context.pop("context", {})
    return Request(
        principal=by,
        action=action,
        resource=on,
        account=account,
        context={
            key.lower(): tuple(value) if isinstance(value, list) else (value,) for key, value in keys.items()
        },
    )


def outcome(asked: Request, *identity: dict[str, Any], **policies: Any) -> Outcome:
    own = (policy(*identity),) if identity else ()
    return evaluate(asked, Policies(identity=own, **policies)).outcome
