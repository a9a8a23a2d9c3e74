"""The evaluation of IAM policies: whether a request is allowed, denied, or cannot be decided.

Pure: it knows policies and a request, and neither a plan nor AWS. Source of every rule in it: AWS Identity and Access
Management User Guide, "Policy evaluation logic" and "IAM JSON policy reference".
"""
