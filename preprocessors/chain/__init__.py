"""The way from a record to ids as seqio preprocessors, each of which can be used alone.

Every function here gives a step, `dataset -> dataset`, for the `preprocessors` of any
`seqio.Task`. A step is a thin layer over a pure function of this package, called once an element;
TensorFlow is imported when a step is called.
"""

from __future__ import annotations

from audioflan_tasks.preprocessors.chain.asking import apply_template
from audioflan_tasks.preprocessors.chain.chain_run import ChainRun
from audioflan_tasks.preprocessors.chain.encoding import encode_text, splice_spans
from audioflan_tasks.preprocessors.chain.lengths import append_eos, crop_spans
from audioflan_tasks.preprocessors.chain.reading import read_records, tokenize_audio
from audioflan_tasks.preprocessors.chain.step import Step

__all__ = [
    "ChainRun",
    "Step",
    "append_eos",
    "apply_template",
    "crop_spans",
    "encode_text",
    "read_records",
    "splice_spans",
    "tokenize_audio",
]
