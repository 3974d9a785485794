"""`python -m pipeline` is `passerelle`."""

from pipeline.cli import main

main(prog_name="passerelle")
