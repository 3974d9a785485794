"""Trains Argos packages of our own. Needs torch and is no part of the program: see README.md in this folder."""
