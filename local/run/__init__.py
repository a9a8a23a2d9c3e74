"""`make run`: deploys the local stack through the real engine, runs it once, and shows what came of it."""
