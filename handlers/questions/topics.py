"""What people ask about."""

from enum import StrEnum


class Topic(StrEnum):
    """The topics. Ids are fixed: templates, phrasings and reports go by them."""

    SETUP = "setup"
    INSTALL_APP = "install-app"
    SCAN_QR = "scan-qr"
    TEST_PROMPT = "test-prompt"
    NO_NOTIFICATION = "no-notification"
    NEW_PHONE = "new-phone"
    LOST_PHONE = "lost-phone"
    ID_PORTEN_RESET = "id-porten-reset"
    TEMPORARY_ACCESS_PASS = "temporary-access-pass"  # noqa: S105 – a topic, not a password
    REQUEST_PASS = "request-pass"  # noqa: S105 – a topic, not a password
    PASS_PROBLEM = "pass-problem"  # noqa: S105 – a topic, not a password
    REMOVE_OLD_METHOD = "remove-old-method"
    BACKUP_METHOD = "backup-method"
    ACTIVATION_DAY = "activation-day"
    POSTPONE = "postpone"
    ALREADY_SET_UP = "already-set-up"
    WHY_2FA = "why-2fa"
    PRIVACY = "privacy"
    NO_SMARTPHONE = "no-smartphone"
    SECURITY_KEY = "security-key"
    SMS_OR_CALL = "sms-or-call"
    HOW_OFTEN = "how-often"
    UNEXPECTED_PROMPT = "unexpected-prompt"
    IS_THIS_MESSAGE_REAL = "is-this-message-real"
    ABROAD_OFFLINE = "abroad-offline"
    MAIL_CLIENT = "mail-client"
    SHARED_OR_GUEST_ACCOUNT = "shared-or-guest-account"
    MULTIPLE_ACCOUNTS = "multiple-accounts"
    LOCKED_OUT_OTHER = "locked-out-other"
    CONTACT_SUPPORT = "contact-support"
    OFF_TOPIC = "off-topic"
    ABUSE = "abuse"
