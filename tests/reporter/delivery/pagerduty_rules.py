"""The fields and limits of PagerDuty's Events API v2, as a check that is independent of the code that builds an event.

Source: PagerDuty's reference "Send an event" and "PD-CEF".
"""

import json
from datetime import datetime
from typing import Any

_EVENT = {"routing_key", "event_action", "dedup_key", "payload", "images", "links", "client", "client_url"}
_PAYLOAD = {"summary", "source", "severity", "timestamp", "component", "group", "class", "custom_details"}


def problems(event: dict[str, Any]) -> list[str]:
    """Return what PagerDuty would refuse."""
    found = [f"unknown field {name}" for name in event.keys() - _EVENT]
    if len(event.get("routing_key", "")) != 32:
        found.append("routing_key")
    if not 1 <= len(event.get("dedup_key", "")) <= 255:
        found.append("dedup_key")
    if len(json.dumps(event, ensure_ascii=False).encode("utf-8", "replace")) > 512_000:
        found.append("size")
    if event["event_action"] == "resolve":
        return found
    if event["event_action"] != "trigger":
        found.append("event_action")
    payload = event["payload"]
    found += [f"unknown field payload.{name}" for name in payload.keys() - _PAYLOAD]
    if not 1 <= len(payload["summary"]) <= 1_024:
        found.append("summary")
    if not payload["source"]:
        found.append("source")
    if payload["severity"] not in {"critical", "error", "warning", "info"}:
        found.append("severity")
    if datetime.fromisoformat(payload["timestamp"]).tzinfo is None:
        found.append("timestamp")
    for link in event["links"]:
        if {*link} != {"href", "text"} or not link["href"].startswith(("https://", "http://")):
            found.append("links")
    return found
