# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.types.chat.chat_completion_prediction_content_param`."""

from polargrid_generated.params import PredictionParam

__all__ = ["ChatCompletionPredictionContentParam"]
ChatCompletionPredictionContentParam = PredictionParam
