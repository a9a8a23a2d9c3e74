"""The stand-in for `pulumi-resource-aws`: it serves pulumi-aws resource types on the local AWS."""
