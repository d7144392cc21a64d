# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class TTSVoice(StrEnum):
    AF_BELLA = "af_bella"
    AF_SARAH = "af_sarah"
    ALLOY = "alloy"
    AM_ADAM = "am_adam"
    AM_MICHAEL = "am_michael"
    ASH = "ash"
    BALLAD = "ballad"
    BF_EMMA = "bf_emma"
    BF_ISABELLA = "bf_isabella"
    BM_GEORGE = "bm_george"
    BM_LEWIS = "bm_lewis"
    CEDAR = "cedar"
    CORAL = "coral"
    ECHO = "echo"
    FABLE = "fable"
    MARIN = "marin"
    NOVA = "nova"
    ONYX = "onyx"
    SAGE = "sage"
    SHIMMER = "shimmer"
    VERSE = "verse"

    def __str__(self) -> str:
        return str(self.value)
