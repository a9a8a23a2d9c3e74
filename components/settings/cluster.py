"""The cluster that workers run in."""

from components.settings.adoption import AdoptedCluster
from components.settings.concern import Concern


class Cluster(Concern):
    """The ECS cluster, created or adopted."""

    adopt: AdoptedCluster | None = None
    """A cluster that exists already, instead of a new one."""
