"""The local ECS agent, Fargate and Lambda, and the clock that starts schedules."""
