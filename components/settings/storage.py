"""The buckets for reports and caches."""

from components.settings.adoption import AdoptedStorage
from components.settings.base import SettingsModel


class Storage(SettingsModel):
    """The two buckets, created or adopted."""

    adopt: AdoptedStorage | None = None
    """Existing buckets to use instead of new ones."""
