"""What is asked for when a post is to be published, and what each step hands on."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from chargehand import Instant

Moment = Annotated[int, Instant()]


class Publish(BaseModel, frozen=True, extra="forbid", strict=True):
    """Which post, and under which name in its address."""

    post: str = Field(title="Post", description="The number in the blog.", pattern=r"^[0-9]{1,6}$", examples=["71"])
    slug: str = Field(
        title="Slug",
        description="Its name in the address: small letters, digits and hyphens.",
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        max_length=80,
        examples=["how-to-refund-in-a-day"],
    )


class Post(BaseModel, frozen=True, extra="forbid", strict=True):
    """The post as the blog had it; `sources` and `links` are addresses."""

    id: str
    title: str
    description: str
    text: str
    image: str
    target: str
    status: Literal["draft", "published", "withdrawn"]
    sources: list[str]
    links: list[str]


class Address(BaseModel, frozen=True, extra="forbid", strict=True):
    """The name that the post gets in its address."""

    slug: str


class Published(BaseModel, frozen=True, extra="forbid", strict=True):
    """The publication as the blog shows it when it is read back."""

    reference: str
    post: str
    slug: str
    at: Moment
