"""The state of a local AWS on disk, with which it can be started again after it was killed."""
