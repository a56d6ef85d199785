"""Labelled logs made from a seed, to measure the diagnosis by: nothing in them is copied from a log of anyone's.

The pools `tune` and `hold` share no phrasing, service or call graph: tune on one, believe the other.
"""
