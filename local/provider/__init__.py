"""The stand-in for `pulumi-resource-aws`: it manages pulumi-aws resources on the local AWS."""
