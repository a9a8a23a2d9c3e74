"""The reporter: the Lambda function that turns outcomes, alarms and budget notices into messages for people."""
