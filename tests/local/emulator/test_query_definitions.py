import pytest
from botocore.exceptions import ClientError

from tests.local.emulator.local_aws import RunningAws, unique

GROUPS = ["/aws/ecs/ccapi-prod"]


def test_a_saved_query_is_kept_replaced_and_deleted(aws: RunningAws) -> None:
    logs, name = aws.client("logs"), unique("folder/query")

    def saved() -> list[tuple[str, str]]:
        found = logs.describe_query_definitions(queryDefinitionNamePrefix=name)["queryDefinitions"]
        return [(query["queryDefinitionId"], query["queryString"]) for query in found]

    first = logs.put_query_definition(name=name, queryString="fields a", logGroupNames=GROUPS)
    query_id = first["queryDefinitionId"]
    assert saved() == [(query_id, "fields a")]

    again = logs.put_query_definition(name=name, queryString="fields b", queryDefinitionId=query_id)
    assert again["queryDefinitionId"] == query_id
    assert saved() == [(query_id, "fields b")]

    assert logs.delete_query_definition(queryDefinitionId=query_id)["success"]
    assert saved() == []


def test_an_unknown_saved_query_is_not_found(aws: RunningAws) -> None:
    logs, unknown = aws.client("logs"), "00000000-0000-4000-8000-000000000000"
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        logs.delete_query_definition(queryDefinitionId=unknown)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        logs.put_query_definition(name="a", queryString="fields a", queryDefinitionId=unknown)
