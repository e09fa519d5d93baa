"""What people ask about."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


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


ABOUT: Final[Mapping[Topic, str]] = {
    Topic.SETUP: "setting two-factor up from the first page to the end, also the screen that asks for more information",
    Topic.INSTALL_APP: "getting the Authenticator app: which one, from where, on which phone, what it costs",
    Topic.SCAN_QR: "the QR code of the set-up cannot be scanned, is refused, or nobody knows what to scan it with",
    Topic.TEST_PROMPT: "the trial approval at the end of the set-up, and the number to type for it",
    Topic.NO_NOTIFICATION: "the request to approve does not come to the phone, or comes late",
    Topic.NEW_PHONE: "changing to a new phone while the old one still works",
    Topic.LOST_PHONE: "the phone or the app on it is lost, stolen, broken, wiped, deleted or left at home",
    Topic.ID_PORTEN_RESET: "resetting the sign-in method oneself through ID-porten, with an electronic ID",
    Topic.TEMPORARY_ACCESS_PASS: "what a temporary access pass is, and how to sign in with one",
    Topic.REQUEST_PASS: "wanting a temporary access pass for oneself, or how to get one",
    Topic.PASS_PROBLEM: "a temporary access pass does not work: expired, used, refused, or the choice is not shown",
    Topic.REMOVE_OLD_METHOD: "removing an old phone, number or entry from one's sign-in methods",
    Topic.BACKUP_METHOD: "having more than one sign-in method, so as not to be locked out",
    Topic.ACTIVATION_DAY: "when two-factor is switched on, what happens then, which services it covers",
    Topic.POSTPONE: "doing it later, another reminder, another date, an exemption",
    Topic.ALREADY_SET_UP: "whether it is set up already, how to check, why a reminder came all the same",
    Topic.WHY_2FA: "what two-factor is, why it is needed, who decided it",
    Topic.PRIVACY: "what the app sees or sends, its permissions, the use of one's private phone, rights",
    Topic.NO_SMARTPHONE: "having no smartphone, not being allowed to bring it, or not wanting to use it",
    Topic.SECURITY_KEY: "security keys, YubiKey, passkeys and Windows Hello instead of the app",
    Topic.SMS_OR_CALL: "a code by text message or a call instead of the app, and a changed phone number",
    Topic.HOW_OFTEN: "how often one has to approve, and why so often or never",
    Topic.UNEXPECTED_PROMPT: "a request, code or call that one did not start, or that was approved by mistake",
    Topic.IS_THIS_MESSAGE_REAL: "whether the bot, a reminder, a mail or a QR code is genuine",
    Topic.ABROAD_OFFLINE: "abroad, without coverage or internet, another SIM card, codes from the app that are refused",
    Topic.MAIL_CLIENT: "mail and calendar programs, app passwords, scripts and printers after two-factor",
    Topic.SHARED_OR_GUEST_ACCOUNT: "shared mailboxes, rooms, lab machines, guests, students, external people",
    Topic.MULTIPLE_ACCOUNTS: "one person with several accounts in the same app or browser",
    Topic.LOCKED_OUT_OTHER: "locked out for another reason: a forgotten password, a closed account, no user name",
    Topic.CONTACT_SUPPORT: "wanting a person, a telephone number, opening hours or a place to go",
    Topic.OFF_TOPIC: "nothing to do with two-factor",
    Topic.ABUSE: "a pass, code or reset for somebody else, or getting round two-factor",
}
"""What each topic is about, in a line, for whoever has to tell them apart."""
