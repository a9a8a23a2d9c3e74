"""The local EventBridge Scheduler, which fires the schedules that the local AWS stores."""
