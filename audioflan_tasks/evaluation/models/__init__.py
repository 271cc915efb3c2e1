"""The protocol of models under test, and adapters for several kinds of model."""

from __future__ import annotations

from audioflan_tasks.evaluation.models.endpoint import EndpointModel
from audioflan_tasks.evaluation.models.finished import FinishedModel
from audioflan_tasks.evaluation.models.function import FunctionModel
from audioflan_tasks.evaluation.models.hf import TransformersModel
from audioflan_tasks.evaluation.models.nearest import NearestModel
from audioflan_tasks.evaluation.models.protocol import Model
from audioflan_tasks.evaluation.models.tokens import TokenModel

__all__ = [
    "EndpointModel", "FinishedModel", "FunctionModel", "Model", "NearestModel", "TokenModel",
    "TransformersModel",
]  # fmt: skip
