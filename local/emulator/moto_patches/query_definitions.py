"""Saved queries of CloudWatch Logs, which moto does not have.

AWS: PutQueryDefinition creates a query and returns its id, or replaces the query with a given id; an unknown id raises
ResourceNotFoundException. DescribeQueryDefinitions lists the queries whose names begin with a prefix.
Source: Amazon CloudWatch Logs API Reference, "PutQueryDefinition", "DescribeQueryDefinitions" and
"DeleteQueryDefinition".
"""

import json
import time
from typing import Any
from uuid import uuid4

from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.responses import LogsResponse

from local.emulator.patch import add

_FIELDS = ("name", "queryString", "logGroupNames", "queryLanguage")


def apply() -> None:
    """Add the operations."""
    for operation in (_put_query_definition, _describe_query_definitions, _delete_query_definition):
        add(LogsResponse, operation.__name__.removeprefix("_"), operation)


def _put_query_definition(self: Any) -> str:
    queries, query_id = _queries(self), self._get_param("queryDefinitionId")
    if query_id is None:
        query_id = str(uuid4())
    elif query_id not in queries:
        raise _not_found()
    given = {field: self._get_param(field) for field in _FIELDS if self._get_param(field) is not None}
    queries[query_id] = {
        **given,
        "queryDefinitionId": query_id,
        "lastModified": int(time.time() * 1000),
    }
    return json.dumps({"queryDefinitionId": query_id})


def _describe_query_definitions(self: Any) -> str:
    prefix = self._get_param("queryDefinitionNamePrefix", "")
    found = [query for query in _queries(self).values() if query["name"].startswith(prefix)]
    return json.dumps({"queryDefinitions": sorted(found, key=lambda query: str(query["name"]))})


def _delete_query_definition(self: Any) -> str:
    if _queries(self).pop(self._get_param("queryDefinitionId"), None) is None:
        raise _not_found()
    return json.dumps({"success": True})


def _queries(self: Any) -> dict[str, dict[str, Any]]:
    """Return the queries of the caller's account and region, by id."""
    queries: dict[str, dict[str, Any]] = vars(self.logs_backend).setdefault("query_definitions", {})
    return queries


def _not_found() -> ResourceNotFoundException:
    return ResourceNotFoundException("The specified query definition does not exist.")
