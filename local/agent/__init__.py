"""The ECS agent and the Fargate of one laptop: runs each task's container as a process."""
