"""`make run`: deploy the local stack through the real engine, run the pipeline once, and show the result."""
