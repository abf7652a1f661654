"""What every schema is made from."""

from pydantic import BaseModel, ConfigDict


class In(BaseModel):
    """A body: unknown fields, NaN and infinity are refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


class Out(BaseModel):
    """An answer."""

    model_config = ConfigDict(allow_inf_nan=False, frozen=True, from_attributes=True)
