"""The local AWS: moto in its own process, with patches where it differs from AWS."""
