"""Elastic Container Service: clusters, their capacity providers, and task definitions."""

from local.provider.resource_type import Call, ResourceType, Tagging

_CLUSTER = ResourceType(
    "aws:ecs/cluster:Cluster",
    "ecs",
    id="$arn",
    names={"clusterName": "name", "clusterArn": "arn", "cluster": "arn"},
    autoname=255,
    create=Call(
        "create_cluster",
        select="cluster",
        properties=("name", "settings", "configuration", "serviceConnectDefaults", "tags"),
    ),
    read=(
        Call(
            "describe_clusters",
            select="clusters[?status!='INACTIVE'] | [0]",
            arguments={"clusters": ["$id"], "include": ["SETTINGS", "CONFIGURATIONS"]},
        ),
    ),
    update=(Call("update_cluster"),),
    delete=(Call("delete_cluster"),),
    tagging=Tagging(),
)

_PUT_CAPACITY_PROVIDERS = Call("put_cluster_capacity_providers", select="cluster")

_CLUSTER_CAPACITY_PROVIDERS = ResourceType(
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
    "ecs",
    id="$clusterName",
    names={"cluster": "clusterName"},
    defaults={"capacityProviders": [], "defaultCapacityProviderStrategies": []},
    create=_PUT_CAPACITY_PROVIDERS,
    read=(
        Call(
            "describe_clusters",
            select="clusters[?status!='INACTIVE'] | [0]",
            arguments={"clusters": ["$clusterName"]},
        ),
    ),
    update=(_PUT_CAPACITY_PROVIDERS,),
    delete=(
        Call(
            "put_cluster_capacity_providers",
            arguments={"capacityProviders": [], "defaultCapacityProviderStrategy": []},
        ),
    ),
)

_TASK_DEFINITION = ResourceType(
    "aws:ecs/taskDefinition:TaskDefinition",
    "ecs",
    id="$family",
    names={"taskDefinitionArn": "arn", "configuredAtLaunch": "configureAtLaunch"},
    create=Call("register_task_definition", select="taskDefinition"),
    read=(
        Call(
            "describe_task_definition",
            select="[taskDefinition][?status=='ACTIVE'] | [0]",
            arguments={"taskDefinition": "$arn"},
        ),
    ),
    delete=(Call("deregister_task_definition", arguments={"taskDefinition": "$arn"}),),
    tagging=Tagging(),
)

TYPES = (_CLUSTER, _CLUSTER_CAPACITY_PROVIDERS, _TASK_DEFINITION)
