"""`ccapi`, the command line of a pipeline's operator."""
