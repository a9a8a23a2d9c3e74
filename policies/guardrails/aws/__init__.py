"""What AWS makes of a plan: state machines and their calls, roles, schedules, metrics, sizes."""
