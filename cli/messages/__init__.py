"""The deployed reporter, and the subscriptions of the mail addresses."""
