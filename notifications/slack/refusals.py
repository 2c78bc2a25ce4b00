"""What is done about each word with which Slack refuses a message.

https://docs.slack.dev/reference/methods/chat.postMessage#errors and the pages of the other methods that are called.
"""

from enum import StrEnum


class Cure(StrEnum):
    """What helps when Slack says no."""

    REDIRECT = "redirect"  # nobody can be told there: tell the requester directly
    PLAIN = "plain"  # the words are too rich for Slack: send them plain
    UNUSABLE = "unusable"  # the app can't speak at all: pauses, and the operator is told
    NOBODY = "nobody"  # that person can't be reached in Slack
    ANEW = "anew"  # the message to be edited is gone: a new one
    NONE = "none"  # nothing helps


_WORDS = {
    Cure.REDIRECT: (
        "channel_not_found not_in_channel is_archived restricted_action restricted_action_read_only_channel "
        "restricted_action_thread_only_channel restricted_action_non_threadable_channel thread_not_found "
        "cannot_reply_to_message messages_tab_disabled team_not_found no_permission"
    ),
    Cure.PLAIN: (
        "invalid_blocks invalid_blocks_format msg_too_long msg_blocks_too_long metadata_too_large "
        "invalid_metadata_format invalid_metadata_schema block_mismatch attachment_payload_limit_exceeded"
    ),
    Cure.UNUSABLE: (
        "account_inactive token_revoked token_expired invalid_auth not_authed missing_scope no_scope "
        "not_allowed_token_type team_access_not_granted org_login_required ekm_access_denied access_denied "
        "team_added_to_org accesslimited enterprise_is_restricted no_installation token_unreadable"
    ),
    Cure.NOBODY: "user_not_found users_not_found user_disabled user_not_visible cannot_dm_bot nobody_here",
    Cure.ANEW: "message_not_found cant_update_message edit_window_closed",
}

_CURES = {word: cure for cure, words in _WORDS.items() for word in words.split()}


def cure_of(error: str) -> Cure:
    """What to do about a refusal."""
    return _CURES.get(error, Cure.NONE)
