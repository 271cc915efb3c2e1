"""Probes of a model beside its scores: does it listen, does it favour yes, is it robust."""
