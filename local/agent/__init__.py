"""The ECS agent and the Fargate of one laptop, and the clock of its schedules."""
