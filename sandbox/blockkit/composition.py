"""Describes Block Kit's composition objects and their limits.

https://docs.slack.dev/reference/block-kit/composition-objects
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError


class Part(BaseModel):
    """Anything of Block Kit: no field that its page does not name, no silent conversion."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class PlainText(Part):
    """https://docs.slack.dev/reference/block-kit/composition-objects/text-object (1 to 3000 characters)."""

    type: Literal["plain_text"]
    text: Annotated[str, StringConstraints(min_length=1, max_length=3000)]
    emoji: bool | None = None


class Mrkdwn(Part):
    """https://docs.slack.dev/reference/block-kit/composition-objects/text-object (1 to 3000 characters)."""

    type: Literal["mrkdwn"]
    text: Annotated[str, StringConstraints(min_length=1, max_length=3000)]
    verbatim: bool | None = None


AnyText = Annotated[PlainText | Mrkdwn, Field(discriminator="type")]


def at_most(limit: int) -> AfterValidator:
    """A text object of at most so many characters, reported at its `text`, as Slack does."""

    def check(text: PlainText | Mrkdwn) -> PlainText | Mrkdwn:
        if len(text.text) > limit:
            raise PydanticCustomError(
                "text_object_too_long", "must be less than {bound} characters", {"bound": limit + 1}
            )
        return text

    return AfterValidator(check)


Plain24 = Annotated[PlainText, at_most(24)]
Plain30 = Annotated[PlainText, at_most(30)]
Plain75 = Annotated[PlainText, at_most(75)]
Plain100 = Annotated[PlainText, at_most(100)]
Plain150 = Annotated[PlainText, at_most(150)]
Plain2000 = Annotated[PlainText, at_most(2000)]
Text75 = Annotated[AnyText, at_most(75)]
Text300 = Annotated[AnyText, at_most(300)]
Text2000 = Annotated[AnyText, at_most(2000)]
Text3000 = Annotated[AnyText, at_most(3000)]
Url = Annotated[str, StringConstraints(min_length=1, max_length=3000)]
Identifier = Annotated[str, StringConstraints(min_length=1, max_length=255)]


class Confirmation(Part):
    """https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object."""

    title: Plain100
    text: Text300
    confirm: Plain30
    deny: Plain30
    style: Literal["primary", "danger"] | None = None


class Option(Part):
    """https://docs.slack.dev/reference/block-kit/composition-objects/option-object."""

    text: Text75
    value: Annotated[str, StringConstraints(min_length=1, max_length=150)]
    description: Text75 | None = None
    url: Url | None = None


class OptionGroup(Part):
    """https://docs.slack.dev/reference/block-kit/composition-objects/option-group-object."""

    label: Plain75
    options: Annotated[list[Option], Field(min_length=1, max_length=100)]


class DispatchConfiguration(Part):
    """https://docs.slack.dev/reference/block-kit/composition-objects/dispatch-action-configuration-object."""

    trigger_actions_on: Annotated[list[Literal["on_enter_pressed", "on_character_entered"]], Field(min_length=1)]


class ConversationFilter(Part):
    """https://docs.slack.dev/reference/block-kit/composition-objects/conversation-filter-object."""

    include: list[Literal["im", "mpim", "private", "public"]] | None = None
    exclude_external_shared_channels: bool | None = None
    exclude_bot_users: bool | None = None
