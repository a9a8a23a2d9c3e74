"""The commands of `ccapi`, one module for each command or group of commands; `cli.app` lists them."""
