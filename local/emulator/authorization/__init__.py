"""The authorization of requests by the policies of the stack, evaluated as IAM evaluates them.

Roles are enforced: those of tasks, functions, executions, schedules and rules; and the resource policies that let
services in. The developer is an administrator. A decision that depends on what is not known allows the request and is
listed.
"""
