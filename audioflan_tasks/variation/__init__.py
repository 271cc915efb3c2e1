"""Instruction variation: rewrites by a language model, their validation, and their diversity."""
