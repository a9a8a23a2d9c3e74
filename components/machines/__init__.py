"""The two state machines as data: builders of Amazon States Language, without any AWS resource."""
