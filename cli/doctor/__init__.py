"""The checks of `ccapi doctor`, one module for each topic; `cli.doctor.registry` lists them."""
