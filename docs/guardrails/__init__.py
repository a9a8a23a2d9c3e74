"""The pictures of a pull request's comment, for the page on the guardrails."""
