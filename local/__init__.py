"""A local AWS, and the commands that run the pipeline and the policy pack on it."""
