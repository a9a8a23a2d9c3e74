"""Facts about AWS and the meaning of a plan there: state machines and their calls, roles, schedules, metrics, sizes."""
