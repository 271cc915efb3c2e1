"""Probes of a model: dependence on the audio, yes-bias, robustness, and a judge."""
