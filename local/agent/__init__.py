"""The ECS agent, the Fargate and the Lambda of one laptop, and the clock of its schedules."""
