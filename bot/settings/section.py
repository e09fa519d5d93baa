"""What every group of settings is."""

from pydantic import BaseModel, ConfigDict, SecretStr

UNSET = SecretStr("")


class Section(BaseModel):
    """A group of settings."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
