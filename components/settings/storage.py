"""Where reports and caches lie."""

from components.settings.adoption import AdoptedStorage
from components.settings.base import SettingsModel


class Storage(SettingsModel):
    """The two buckets, created or adopted."""

    adopt: AdoptedStorage | None = None
    """Buckets that exist already, instead of new ones."""
