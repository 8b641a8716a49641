"""Run the command line as ``python -m atlas``."""

from atlas.cli import main

main()
