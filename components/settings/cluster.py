"""The ECS cluster that workers run in."""

from components.settings.adoption import AdoptedCluster
from components.settings.base import SettingsModel


class Cluster(SettingsModel):
    """The ECS cluster, created or adopted."""

    adopt: AdoptedCluster | None = None
    """An existing cluster to use instead of a new one."""
