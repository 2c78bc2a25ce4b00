"""Describes Block Kit's elements and their limits.

https://docs.slack.dev/reference/block-kit/block-elements
"""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from sandbox.blockkit.composition import (
    Confirmation,
    ConversationFilter,
    DispatchConfiguration,
    Identifier,
    Option,
    OptionGroup,
    Part,
    Plain75,
    Plain150,
    Url,
)

_Options = Annotated[list[Option], Field(min_length=1, max_length=100)]
_FewOptions = Annotated[list[Option], Field(min_length=1, max_length=10)]
_Groups = Annotated[list[OptionGroup], Field(min_length=1, max_length=100)]


class Image(Part):
    """https://docs.slack.dev/reference/block-kit/block-elements/image-element."""

    type: Literal["image"]
    alt_text: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    image_url: Url


class _Interactive(Part):
    action_id: Identifier | None = None


class _Choosing(Part):
    """An element whose initial choice must be one of its options, as the page of each says."""

    @model_validator(mode="after")
    def _starts_with_an_option(self) -> Self:
        initial = getattr(self, "initial_option", None)
        wanted: list[Option] = [initial] if initial else getattr(self, "initial_options", None) or []
        groups: list[OptionGroup] = getattr(self, "option_groups", None) or []
        listed: list[Option] = [
            *(getattr(self, "options", None) or []),
            *(o for group in groups for o in group.options),
        ]
        if any(option not in listed for option in wanted):
            raise PydanticCustomError("not_an_option", "initial options must match one of the options provided")
        return self


class _Askable(_Interactive):
    confirm: Confirmation | None = None


class Button(_Askable):
    """https://docs.slack.dev/reference/block-kit/block-elements/button-element."""

    type: Literal["button"]
    text: Plain75
    url: Url | None = None
    value: Annotated[str, StringConstraints(max_length=2000)] | None = None
    style: Literal["primary", "danger"] | None = None
    accessibility_label: Annotated[str, StringConstraints(max_length=75)] | None = None


class Overflow(_Askable):
    """https://docs.slack.dev/reference/block-kit/block-elements/overflow-menu-element."""

    type: Literal["overflow"]
    options: Annotated[list[Option], Field(min_length=1, max_length=5)]


class _Menu(_Askable):
    placeholder: Plain150 | None = None
    focus_on_load: bool | None = None


class _ListedMenu(_Menu, _Choosing):
    options: _Options | None = None
    option_groups: _Groups | None = None

    @model_validator(mode="after")
    def _exactly_one_list(self) -> Self:
        if (self.options is None) == (self.option_groups is None):
            raise PydanticCustomError("one_list", "must provide either options or option_groups")
        return self


class StaticSelect(_ListedMenu):
    """https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#static_select."""

    type: Literal["static_select"]
    initial_option: Option | None = None


class ExternalSelect(_Menu):
    """https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#external_select."""

    type: Literal["external_select"]
    initial_option: Option | None = None
    min_query_length: Annotated[int, Field(ge=0)] | None = None


class UsersSelect(_Menu):
    """https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#users_select."""

    type: Literal["users_select"]
    initial_user: str | None = None


class ConversationsSelect(_Menu):
    """https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#conversations_select."""

    type: Literal["conversations_select"]
    initial_conversation: str | None = None
    default_to_current_conversation: bool | None = None
    response_url_enabled: bool | None = None
    filter: ConversationFilter | None = None


class ChannelsSelect(_Menu):
    """https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#channels_select."""

    type: Literal["channels_select"]
    initial_channel: str | None = None
    response_url_enabled: bool | None = None


class MultiStaticSelect(_ListedMenu):
    """https://docs.slack.dev/reference/block-kit/block-elements/multi-select-menu-element#static_multi_select."""

    type: Literal["multi_static_select"]
    initial_options: list[Option] | None = None
    max_selected_items: Annotated[int, Field(ge=1)] | None = None


class MultiExternalSelect(_Menu):
    """https://docs.slack.dev/reference/block-kit/block-elements/multi-select-menu-element#external_multi_select."""

    type: Literal["multi_external_select"]
    initial_options: list[Option] | None = None
    max_selected_items: Annotated[int, Field(ge=1)] | None = None
    min_query_length: Annotated[int, Field(ge=0)] | None = None


class MultiUsersSelect(_Menu):
    """https://docs.slack.dev/reference/block-kit/block-elements/multi-select-menu-element#users_multi_select."""

    type: Literal["multi_users_select"]
    initial_users: list[str] | None = None
    max_selected_items: Annotated[int, Field(ge=1)] | None = None


class RadioButtons(_Askable, _Choosing):
    """https://docs.slack.dev/reference/block-kit/block-elements/radio-button-group-element."""

    type: Literal["radio_buttons"]
    options: _FewOptions
    initial_option: Option | None = None
    focus_on_load: bool | None = None


class Checkboxes(_Askable, _Choosing):
    """https://docs.slack.dev/reference/block-kit/block-elements/checkboxes-element."""

    type: Literal["checkboxes"]
    options: _FewOptions
    initial_options: _FewOptions | None = None
    focus_on_load: bool | None = None


class DatePicker(_Menu):
    """https://docs.slack.dev/reference/block-kit/block-elements/date-picker-element."""

    type: Literal["datepicker"]
    initial_date: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None


class TimePicker(_Menu):
    """https://docs.slack.dev/reference/block-kit/block-elements/time-picker-element."""

    type: Literal["timepicker"]
    initial_time: Annotated[str, StringConstraints(pattern=r"^\d{2}:\d{2}$")] | None = None
    timezone: str | None = None


class _TypedInput(_Interactive):
    placeholder: Plain150 | None = None
    dispatch_action_config: DispatchConfiguration | None = None
    focus_on_load: bool | None = None


class PlainTextInput(_TypedInput):
    """https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element."""

    type: Literal["plain_text_input"]
    initial_value: str | None = None
    multiline: bool | None = None
    min_length: Annotated[int, Field(ge=0, le=3000)] | None = None
    max_length: Annotated[int, Field(ge=1, le=3000)] | None = None


class NumberInput(_TypedInput):
    """https://docs.slack.dev/reference/block-kit/block-elements/number-input-element."""

    type: Literal["number_input"]
    is_decimal_allowed: bool
    initial_value: str | None = None
    min_value: str | None = None
    max_value: str | None = None


class EmailInput(_TypedInput):
    """https://docs.slack.dev/reference/block-kit/block-elements/email-input-element."""

    type: Literal["email_text_input"]
    initial_value: str | None = None


class UrlInput(_TypedInput):
    """https://docs.slack.dev/reference/block-kit/block-elements/url-input-element."""

    type: Literal["url_text_input"]
    initial_value: str | None = None


_Select = (
    StaticSelect
    | ExternalSelect
    | UsersSelect
    | ConversationsSelect
    | ChannelsSelect
    | MultiStaticSelect
    | MultiExternalSelect
    | MultiUsersSelect
)
_Choice = RadioButtons | Checkboxes | DatePicker | TimePicker
_Typed = PlainTextInput | NumberInput | EmailInput | UrlInput

# https://docs.slack.dev/reference/block-kit/blocks/section-block, actions-block and input-block name what each may hold.
Accessory = Annotated[Button | Overflow | Image | _Select | _Choice, Field(discriminator="type")]
ActionElement = Annotated[Button | Overflow | _Select | _Choice | PlainTextInput, Field(discriminator="type")]
InputElement = Annotated[_Select | _Choice | _Typed, Field(discriminator="type")]
