"""`triage doctor`: what is wrong with an installation, and the exact fix."""
