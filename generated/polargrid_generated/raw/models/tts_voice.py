# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class TTSVoice(StrEnum):
    AF_BELLA = "af_bella"
    AF_SARAH = "af_sarah"
    ALLOY = "alloy"
    AM_ADAM = "am_adam"
    AM_MICHAEL = "am_michael"
    BF_EMMA = "bf_emma"
    BF_ISABELLA = "bf_isabella"
    BM_GEORGE = "bm_george"
    BM_LEWIS = "bm_lewis"
    ECHO = "echo"
    FABLE = "fable"
    NOVA = "nova"
    ONYX = "onyx"
    SHIMMER = "shimmer"

    def __str__(self) -> str:
        return str(self.value)
