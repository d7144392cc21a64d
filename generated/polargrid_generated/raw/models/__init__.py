# Generated from openapi.yaml by `make generate`; do not edit.
"""Contains all the data models used in inputs/outputs"""

from .allowed_tools import AllowedTools
from .allowed_tools_choice import AllowedToolsChoice
from .allowed_tools_mode import AllowedToolsMode
from .annotation import Annotation
from .annotation_type_type_0 import AnnotationTypeType0
from .async_transcription_job_accepted import AsyncTranscriptionJobAccepted
from .async_transcription_job_accepted_status_type_0 import AsyncTranscriptionJobAcceptedStatusType0
from .async_transcription_metadata import AsyncTranscriptionMetadata
from .audio_format import AudioFormat
from .audio_output import AudioOutput
from .audio_output_format import AudioOutputFormat
from .audio_reference import AudioReference
from .audio_upload import AudioUpload
from .backend_info import BackendInfo
from .backend_status import BackendStatus
from .base_64_embedding import Base64Embedding
from .base_64_embedding_object_type_0 import Base64EmbeddingObjectType0
from .base_64_embedding_response import Base64EmbeddingResponse
from .base_64_embedding_response_object_type_0 import Base64EmbeddingResponseObjectType0
from .chat_audio import ChatAudio
from .chat_audio_delta import ChatAudioDelta
from .chat_completion_choice import ChatCompletionChoice
from .chat_completion_choice_finish_reason_type_0 import ChatCompletionChoiceFinishReasonType0
from .chat_completion_chunk import ChatCompletionChunk
from .chat_completion_chunk_choice import ChatCompletionChunkChoice
from .chat_completion_chunk_choice_finish_reason_type_0 import ChatCompletionChunkChoiceFinishReasonType0
from .chat_completion_chunk_moderation_type_0 import ChatCompletionChunkModerationType0
from .chat_completion_chunk_object_type_0 import ChatCompletionChunkObjectType0
from .chat_completion_event import ChatCompletionEvent
from .chat_completion_request import ChatCompletionRequest
from .chat_completion_request_function_call_type_0 import ChatCompletionRequestFunctionCallType0
from .chat_completion_request_guided_json_type_0 import ChatCompletionRequestGuidedJsonType0
from .chat_completion_request_logit_bias_type_0 import ChatCompletionRequestLogitBiasType0
from .chat_completion_request_metadata_type_0 import ChatCompletionRequestMetadataType0
from .chat_completion_request_modalities_type_0_item import ChatCompletionRequestModalitiesType0Item
from .chat_completion_request_model_type_0 import ChatCompletionRequestModelType0
from .chat_completion_request_moderation_type_0 import ChatCompletionRequestModerationType0
from .chat_completion_request_prompt_cache_retention_type_1 import ChatCompletionRequestPromptCacheRetentionType1
from .chat_completion_request_prompt_cache_retention_type_2_type_1 import (
    ChatCompletionRequestPromptCacheRetentionType2Type1,
)
from .chat_completion_request_prompt_cache_retention_type_3_type_1 import (
    ChatCompletionRequestPromptCacheRetentionType3Type1,
)
from .chat_completion_request_service_tier_type_1 import ChatCompletionRequestServiceTierType1
from .chat_completion_request_service_tier_type_2_type_1 import ChatCompletionRequestServiceTierType2Type1
from .chat_completion_request_service_tier_type_3_type_1 import ChatCompletionRequestServiceTierType3Type1
from .chat_completion_request_tool_choice_type_0 import ChatCompletionRequestToolChoiceType0
from .chat_completion_request_verbosity_type_1 import ChatCompletionRequestVerbosityType1
from .chat_completion_request_verbosity_type_2_type_1 import ChatCompletionRequestVerbosityType2Type1
from .chat_completion_request_verbosity_type_3_type_1 import ChatCompletionRequestVerbosityType3Type1
from .chat_completion_response import ChatCompletionResponse
from .chat_completion_response_metadata_type_0 import ChatCompletionResponseMetadataType0
from .chat_completion_response_moderation_type_0 import ChatCompletionResponseModerationType0
from .chat_completion_response_object_type_0 import ChatCompletionResponseObjectType0
from .chat_delta import ChatDelta
from .chat_delta_role_type_0 import ChatDeltaRoleType0
from .chat_logprobs import ChatLogprobs
from .chat_message import ChatMessage
from .chat_message_role_type_0 import ChatMessageRoleType0
from .chat_tool import ChatTool
from .completion_choice import CompletionChoice
from .completion_choice_finish_reason_type_0 import CompletionChoiceFinishReasonType0
from .completion_chunk import CompletionChunk
from .completion_chunk_choice import CompletionChunkChoice
from .completion_chunk_choice_finish_reason_type_0 import CompletionChunkChoiceFinishReasonType0
from .completion_chunk_object_type_0 import CompletionChunkObjectType0
from .completion_event import CompletionEvent
from .completion_logprobs import CompletionLogprobs
from .completion_logprobs_top_logprobs_type_0_item_type_0 import CompletionLogprobsTopLogprobsType0ItemType0
from .completion_request import CompletionRequest
from .completion_request_logit_bias_type_0 import CompletionRequestLogitBiasType0
from .completion_request_model_type_0 import CompletionRequestModelType0
from .completion_response import CompletionResponse
from .completion_response_object_type_0 import CompletionResponseObjectType0
from .completion_tokens_details import CompletionTokensDetails
from .embedding import Embedding
from .embedding_object_type_0 import EmbeddingObjectType0
from .embedding_request import EmbeddingRequest
from .embedding_request_encoding_format_type_1 import EmbeddingRequestEncodingFormatType1
from .embedding_request_encoding_format_type_2_type_1 import EmbeddingRequestEncodingFormatType2Type1
from .embedding_request_encoding_format_type_3_type_1 import EmbeddingRequestEncodingFormatType3Type1
from .embedding_response import EmbeddingResponse
from .embedding_response_object_type_0 import EmbeddingResponseObjectType0
from .error_detail import ErrorDetail
from .error_detail_details_type_0 import ErrorDetailDetailsType0
from .error_detail_type_type_0 import ErrorDetailTypeType0
from .error_response import ErrorResponse
from .file_content_part import FileContentPart
from .function_definition import FunctionDefinition
from .function_definition_parameters_type_0 import FunctionDefinitionParametersType0
from .get_route_scope import GetRouteScope
from .gpu_info import GPUInfo
from .gpu_memory_info import GPUMemoryInfo
from .gpu_memory_response import GPUMemoryResponse
from .gpu_memory_response_status_type_0 import GPUMemoryResponseStatusType0
from .gpu_memory_simple import GPUMemorySimple
from .gpu_memory_state import GPUMemoryState
from .gpu_process import GPUProcess
from .gpu_purge_request import GPUPurgeRequest
from .gpu_purge_response import GPUPurgeResponse
from .gpu_purge_response_status_type_0 import GPUPurgeResponseStatusType0
from .gpu_status_response import GPUStatusResponse
from .gpu_status_response_status_type_0 import GPUStatusResponseStatusType0
from .gpu_utilization import GPUUtilization
from .health_features import HealthFeatures
from .health_response import HealthResponse
from .health_response_status_type_0 import HealthResponseStatusType0
from .image_url import ImageUrl
from .image_url_content_part import ImageUrlContentPart
from .image_url_detail_type_1 import ImageUrlDetailType1
from .image_url_detail_type_2_type_1 import ImageUrlDetailType2Type1
from .image_url_detail_type_3_type_1 import ImageUrlDetailType3Type1
from .input_audio import InputAudio
from .input_audio_content_part import InputAudioContentPart
from .input_audio_format import InputAudioFormat
from .input_file import InputFile
from .json_schema_format import JsonSchemaFormat
from .json_schema_format_schema_type_0 import JsonSchemaFormatSchemaType0
from .list_models_response import ListModelsResponse
from .list_models_response_object_type_0 import ListModelsResponseObjectType0
from .load_model_request import LoadModelRequest
from .load_model_response import LoadModelResponse
from .load_model_response_status_type_0 import LoadModelResponseStatusType0
from .message import Message
from .message_role import MessageRole
from .model_info import ModelInfo
from .model_info_object_type_0 import ModelInfoObjectType0
from .model_info_pg_model_type_type_0 import ModelInfoPgModelTypeType0
from .model_pricing import ModelPricing
from .model_status_response import ModelStatusResponse
from .model_status_response_loading_status import ModelStatusResponseLoadingStatus
from .model_status_response_loading_status_additional_property_type_0 import (
    ModelStatusResponseLoadingStatusAdditionalPropertyType0,
)
from .model_usage import ModelUsage
from .named_function import NamedFunction
from .named_tool_choice import NamedToolChoice
from .pg_metadata import PGMetadata
from .prediction import Prediction
from .prompt_cache_options import PromptCacheOptions
from .prompt_cache_options_mode_type_1 import PromptCacheOptionsModeType1
from .prompt_cache_options_mode_type_2_type_1 import PromptCacheOptionsModeType2Type1
from .prompt_cache_options_mode_type_3_type_1 import PromptCacheOptionsModeType3Type1
from .prompt_tokens_details import PromptTokensDetails
from .refusal_content_part import RefusalContentPart
from .region_model_status import RegionModelStatus
from .region_model_status_status_type_0 import RegionModelStatusStatusType0
from .region_status import RegionStatus
from .region_status_status_type_0 import RegionStatusStatusType0
from .region_usage import RegionUsage
from .response_format import ResponseFormat
from .response_format_type import ResponseFormatType
from .route_response import RouteResponse
from .stream_options import StreamOptions
from .structured_outputs import StructuredOutputs
from .structured_outputs_json_type_0 import StructuredOutputsJsonType0
from .stt_model import STTModel
from .system_status import SystemStatus
from .system_status_status_type_0 import SystemStatusStatusType0
from .text_content_part import TextContentPart
from .text_to_speech_request import TextToSpeechRequest
from .text_to_speech_request_model_type_0 import TextToSpeechRequestModelType0
from .text_to_speech_request_stream_format_type_1 import TextToSpeechRequestStreamFormatType1
from .text_to_speech_request_stream_format_type_2_type_1 import TextToSpeechRequestStreamFormatType2Type1
from .text_to_speech_request_stream_format_type_3_type_1 import TextToSpeechRequestStreamFormatType3Type1
from .timestamp_granularity import TimestampGranularity
from .token_logprob import TokenLogprob
from .token_usage import TokenUsage
from .tool_call import ToolCall
from .tool_call_delta import ToolCallDelta
from .tool_call_delta_type_type_0 import ToolCallDeltaTypeType0
from .tool_call_function import ToolCallFunction
from .tool_call_function_delta import ToolCallFunctionDelta
from .tool_call_type_type_0 import ToolCallTypeType0
from .top_logprob import TopLogprob
from .transcription_event import TranscriptionEvent
from .transcription_format import TranscriptionFormat
from .transcription_include import TranscriptionInclude
from .transcription_job_info import TranscriptionJobInfo
from .transcription_job_list_response import TranscriptionJobListResponse
from .transcription_job_request import TranscriptionJobRequest
from .transcription_job_result import TranscriptionJobResult
from .transcription_job_result_status_type_0 import TranscriptionJobResultStatusType0
from .transcription_job_status import TranscriptionJobStatus
from .transcription_job_upload import TranscriptionJobUpload
from .transcription_request import TranscriptionRequest
from .transcription_response import TranscriptionResponse
from .transcription_segment import TranscriptionSegment
from .transcription_stream_delta import TranscriptionStreamDelta
from .transcription_stream_done import TranscriptionStreamDone
from .transcription_stream_request import TranscriptionStreamRequest
from .transcription_stream_upload import TranscriptionStreamUpload
from .transcription_upload import TranscriptionUpload
from .transcription_usage import TranscriptionUsage
from .transcription_usage_type_type_0 import TranscriptionUsageTypeType0
from .transcription_word import TranscriptionWord
from .translation_request import TranslationRequest
from .translation_response import TranslationResponse
from .translation_upload import TranslationUpload
from .tts_voice import TTSVoice
from .unload_all_models_response import UnloadAllModelsResponse
from .unload_all_models_response_status_type_0 import UnloadAllModelsResponseStatusType0
from .unload_model_request import UnloadModelRequest
from .unload_model_response import UnloadModelResponse
from .unload_model_response_status_type_0 import UnloadModelResponseStatusType0
from .url_citation import UrlCitation
from .usage_period import UsagePeriod
from .usage_response import UsageResponse
from .usage_stats import UsageStats
from .verbose_transcription_response import VerboseTranscriptionResponse
from .verbose_transcription_response_task_type_0 import VerboseTranscriptionResponseTaskType0
from .voice_reference import VoiceReference
from .web_search_options import WebSearchOptions
from .web_search_options_search_context_size_type_1 import WebSearchOptionsSearchContextSizeType1
from .web_search_options_search_context_size_type_2_type_1 import WebSearchOptionsSearchContextSizeType2Type1
from .web_search_options_search_context_size_type_3_type_1 import WebSearchOptionsSearchContextSizeType3Type1
from .web_search_options_user_location_type_0 import WebSearchOptionsUserLocationType0

__all__ = (
    "AllowedTools",
    "AllowedToolsChoice",
    "AllowedToolsMode",
    "Annotation",
    "AnnotationTypeType0",
    "AsyncTranscriptionJobAccepted",
    "AsyncTranscriptionJobAcceptedStatusType0",
    "AsyncTranscriptionMetadata",
    "AudioFormat",
    "AudioOutput",
    "AudioOutputFormat",
    "AudioReference",
    "AudioUpload",
    "BackendInfo",
    "BackendStatus",
    "Base64Embedding",
    "Base64EmbeddingObjectType0",
    "Base64EmbeddingResponse",
    "Base64EmbeddingResponseObjectType0",
    "ChatAudio",
    "ChatAudioDelta",
    "ChatCompletionChoice",
    "ChatCompletionChoiceFinishReasonType0",
    "ChatCompletionChunk",
    "ChatCompletionChunkChoice",
    "ChatCompletionChunkChoiceFinishReasonType0",
    "ChatCompletionChunkModerationType0",
    "ChatCompletionChunkObjectType0",
    "ChatCompletionEvent",
    "ChatCompletionRequest",
    "ChatCompletionRequestFunctionCallType0",
    "ChatCompletionRequestGuidedJsonType0",
    "ChatCompletionRequestLogitBiasType0",
    "ChatCompletionRequestMetadataType0",
    "ChatCompletionRequestModalitiesType0Item",
    "ChatCompletionRequestModelType0",
    "ChatCompletionRequestModerationType0",
    "ChatCompletionRequestPromptCacheRetentionType1",
    "ChatCompletionRequestPromptCacheRetentionType2Type1",
    "ChatCompletionRequestPromptCacheRetentionType3Type1",
    "ChatCompletionRequestServiceTierType1",
    "ChatCompletionRequestServiceTierType2Type1",
    "ChatCompletionRequestServiceTierType3Type1",
    "ChatCompletionRequestToolChoiceType0",
    "ChatCompletionRequestVerbosityType1",
    "ChatCompletionRequestVerbosityType2Type1",
    "ChatCompletionRequestVerbosityType3Type1",
    "ChatCompletionResponse",
    "ChatCompletionResponseMetadataType0",
    "ChatCompletionResponseModerationType0",
    "ChatCompletionResponseObjectType0",
    "ChatDelta",
    "ChatDeltaRoleType0",
    "ChatLogprobs",
    "ChatMessage",
    "ChatMessageRoleType0",
    "ChatTool",
    "CompletionChoice",
    "CompletionChoiceFinishReasonType0",
    "CompletionChunk",
    "CompletionChunkChoice",
    "CompletionChunkChoiceFinishReasonType0",
    "CompletionChunkObjectType0",
    "CompletionEvent",
    "CompletionLogprobs",
    "CompletionLogprobsTopLogprobsType0ItemType0",
    "CompletionRequest",
    "CompletionRequestLogitBiasType0",
    "CompletionRequestModelType0",
    "CompletionResponse",
    "CompletionResponseObjectType0",
    "CompletionTokensDetails",
    "Embedding",
    "EmbeddingObjectType0",
    "EmbeddingRequest",
    "EmbeddingRequestEncodingFormatType1",
    "EmbeddingRequestEncodingFormatType2Type1",
    "EmbeddingRequestEncodingFormatType3Type1",
    "EmbeddingResponse",
    "EmbeddingResponseObjectType0",
    "ErrorDetail",
    "ErrorDetailDetailsType0",
    "ErrorDetailTypeType0",
    "ErrorResponse",
    "FileContentPart",
    "FunctionDefinition",
    "FunctionDefinitionParametersType0",
    "GetRouteScope",
    "GPUInfo",
    "GPUMemoryInfo",
    "GPUMemoryResponse",
    "GPUMemoryResponseStatusType0",
    "GPUMemorySimple",
    "GPUMemoryState",
    "GPUProcess",
    "GPUPurgeRequest",
    "GPUPurgeResponse",
    "GPUPurgeResponseStatusType0",
    "GPUStatusResponse",
    "GPUStatusResponseStatusType0",
    "GPUUtilization",
    "HealthFeatures",
    "HealthResponse",
    "HealthResponseStatusType0",
    "ImageUrl",
    "ImageUrlContentPart",
    "ImageUrlDetailType1",
    "ImageUrlDetailType2Type1",
    "ImageUrlDetailType3Type1",
    "InputAudio",
    "InputAudioContentPart",
    "InputAudioFormat",
    "InputFile",
    "JsonSchemaFormat",
    "JsonSchemaFormatSchemaType0",
    "ListModelsResponse",
    "ListModelsResponseObjectType0",
    "LoadModelRequest",
    "LoadModelResponse",
    "LoadModelResponseStatusType0",
    "Message",
    "MessageRole",
    "ModelInfo",
    "ModelInfoObjectType0",
    "ModelInfoPgModelTypeType0",
    "ModelPricing",
    "ModelStatusResponse",
    "ModelStatusResponseLoadingStatus",
    "ModelStatusResponseLoadingStatusAdditionalPropertyType0",
    "ModelUsage",
    "NamedFunction",
    "NamedToolChoice",
    "PGMetadata",
    "Prediction",
    "PromptCacheOptions",
    "PromptCacheOptionsModeType1",
    "PromptCacheOptionsModeType2Type1",
    "PromptCacheOptionsModeType3Type1",
    "PromptTokensDetails",
    "RefusalContentPart",
    "RegionModelStatus",
    "RegionModelStatusStatusType0",
    "RegionStatus",
    "RegionStatusStatusType0",
    "RegionUsage",
    "ResponseFormat",
    "ResponseFormatType",
    "RouteResponse",
    "StreamOptions",
    "StructuredOutputs",
    "StructuredOutputsJsonType0",
    "STTModel",
    "SystemStatus",
    "SystemStatusStatusType0",
    "TextContentPart",
    "TextToSpeechRequest",
    "TextToSpeechRequestModelType0",
    "TextToSpeechRequestStreamFormatType1",
    "TextToSpeechRequestStreamFormatType2Type1",
    "TextToSpeechRequestStreamFormatType3Type1",
    "TimestampGranularity",
    "TokenLogprob",
    "TokenUsage",
    "ToolCall",
    "ToolCallDelta",
    "ToolCallDeltaTypeType0",
    "ToolCallFunction",
    "ToolCallFunctionDelta",
    "ToolCallTypeType0",
    "TopLogprob",
    "TranscriptionEvent",
    "TranscriptionFormat",
    "TranscriptionInclude",
    "TranscriptionJobInfo",
    "TranscriptionJobListResponse",
    "TranscriptionJobRequest",
    "TranscriptionJobResult",
    "TranscriptionJobResultStatusType0",
    "TranscriptionJobStatus",
    "TranscriptionJobUpload",
    "TranscriptionRequest",
    "TranscriptionResponse",
    "TranscriptionSegment",
    "TranscriptionStreamDelta",
    "TranscriptionStreamDone",
    "TranscriptionStreamRequest",
    "TranscriptionStreamUpload",
    "TranscriptionUpload",
    "TranscriptionUsage",
    "TranscriptionUsageTypeType0",
    "TranscriptionWord",
    "TranslationRequest",
    "TranslationResponse",
    "TranslationUpload",
    "TTSVoice",
    "UnloadAllModelsResponse",
    "UnloadAllModelsResponseStatusType0",
    "UnloadModelRequest",
    "UnloadModelResponse",
    "UnloadModelResponseStatusType0",
    "UrlCitation",
    "UsagePeriod",
    "UsageResponse",
    "UsageStats",
    "VerboseTranscriptionResponse",
    "VerboseTranscriptionResponseTaskType0",
    "VoiceReference",
    "WebSearchOptions",
    "WebSearchOptionsSearchContextSizeType1",
    "WebSearchOptionsSearchContextSizeType2Type1",
    "WebSearchOptionsSearchContextSizeType3Type1",
    "WebSearchOptionsUserLocationType0",
)
