"""The worker that runs in Fargate. It is shipped alone, so it imports no other package of this project."""
