"""The worker: what runs in Fargate, from the first heartbeat to the last report. It imports nothing but itself."""
