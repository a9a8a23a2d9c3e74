"""The state machines in the files that people have.

A file holds a definition in JSON or YAML, the output of `aws stepfunctions describe-state-machine`, a CloudFormation or
SAM template, or a plan of Terraform or Pulumi in JSON. `read.machines_in` returns each machine by its name. What a
deployment fills in stays in the definition as a placeholder, as in `${Timeout}`; the analysis gives it no bound.
"""
