"""EventBridge Scheduler of one laptop: fires the schedules that the local AWS stores."""
