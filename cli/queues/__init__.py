"""The dead-letter queues: their messages, and what makes up for each."""
