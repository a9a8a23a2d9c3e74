"""The picture of the CloudWatch dashboard, drawn from its JSON and the recorded history of a local stack."""
