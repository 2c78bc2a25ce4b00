"""Describes Block Kit's blocks and the surfaces they stand on, with their limits.

https://docs.slack.dev/reference/block-kit/blocks
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from sandbox.blockkit.composition import (
    Identifier,
    Mrkdwn,
    Part,
    Plain24,
    Plain150,
    Plain2000,
    PlainText,
    Text2000,
    Text3000,
    Url,
)
from sandbox.blockkit.elements import Accessory, ActionElement, Image, InputElement

_Shown = Annotated[Image | PlainText | Mrkdwn, Field(discriminator="type")]


class _Block(Part):
    block_id: Identifier | None = None


class Section(_Block):
    """https://docs.slack.dev/reference/block-kit/blocks/section-block."""

    type: Literal["section"]
    text: Text3000 | None = None
    fields: Annotated[list[Text2000], Field(min_length=1, max_length=10)] | None = None
    accessory: Accessory | None = None
    expand: bool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.text is None and self.fields is None:
            raise PydanticCustomError("text_or_fields", "missing required field: text")
        return self


class Divider(_Block):
    """https://docs.slack.dev/reference/block-kit/blocks/divider-block."""

    type: Literal["divider"]


class Header(_Block):
    """https://docs.slack.dev/reference/block-kit/blocks/header-block."""

    type: Literal["header"]
    text: Plain150


class ImageBlock(_Block):
    """https://docs.slack.dev/reference/block-kit/blocks/image-block."""

    type: Literal["image"]
    alt_text: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    image_url: Url
    title: Plain2000 | None = None


class Context(_Block):
    """https://docs.slack.dev/reference/block-kit/blocks/context-block."""

    type: Literal["context"]
    elements: Annotated[list[_Shown], Field(min_length=1, max_length=10)]


class Actions(_Block):
    """https://docs.slack.dev/reference/block-kit/blocks/actions-block."""

    type: Literal["actions"]
    elements: Annotated[list[ActionElement], Field(min_length=1, max_length=25)]


class Input(_Block):
    """https://docs.slack.dev/reference/block-kit/blocks/input-block."""

    type: Literal["input"]
    label: Plain2000
    element: InputElement
    hint: Plain2000 | None = None
    optional: bool | None = None
    dispatch_action: bool | None = None


class RichTextPart(Part):
    """One of the four kinds of rich text; what it holds is shown, not checked further."""

    type: Literal["rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"]
    elements: list[dict[str, Any]]
    style: Literal["bullet", "ordered"] | None = None
    indent: int | None = None
    offset: int | None = None
    border: int | None = None


class RichText(_Block):
    """https://docs.slack.dev/reference/block-kit/blocks/rich-text-block."""

    type: Literal["rich_text"]
    elements: list[RichTextPart]


_Anywhere = Section | Divider | Header | ImageBlock | Context | Actions | RichText
MessageBlock = Annotated[_Anywhere, Field(discriminator="type")]
ViewBlock = Annotated[_Anywhere | Input, Field(discriminator="type")]


class MessageBlocks(Part):
    """https://docs.slack.dev/reference/block-kit/blocks: up to 50 blocks in a message, no inputs."""

    blocks: Annotated[list[MessageBlock], Field(max_length=50)]


class _View(Part):
    blocks: Annotated[list[ViewBlock], Field(max_length=100)]
    private_metadata: Annotated[str, StringConstraints(max_length=3000)] | None = None
    callback_id: Annotated[str, StringConstraints(max_length=255)] | None = None
    external_id: Annotated[str, StringConstraints(max_length=255)] | None = None


class Modal(_View):
    """https://docs.slack.dev/reference/views/modal-views."""

    type: Literal["modal"]
    title: Plain24
    submit: Plain24 | None = None
    close: Plain24 | None = None
    clear_on_close: bool | None = None
    notify_on_close: bool | None = None
    submit_disabled: bool | None = None

    @model_validator(mode="after")
    def _inputs_can_be_submitted(self) -> Self:
        if self.submit is None and any(block.type == "input" for block in self.blocks):
            raise PydanticCustomError("submit_missing", "must define `submit` to use an `input` block in modals")
        return self


class Home(_View):
    """https://docs.slack.dev/reference/views/home-tab-views."""

    type: Literal["home"]
    # Slack takes these and ignores them, as its page says of modal fields on a home tab.
    title: PlainText | None = None
    submit: PlainText | None = None
    close: PlainText | None = None


class AnyView(Part):
    """A view as an app hands it in."""

    view: Annotated[Modal | Home, Field(discriminator="type")]
