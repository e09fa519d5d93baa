"""The authentication part of Graph: passes, other methods, and the pass policy."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.sandbox.entra.audits import Audits
from bot.sandbox.entra.directory import timestamp
from bot.sandbox.entra.refusals import Style, bad, no_method, no_resource
from bot.sandbox.entra.requests import Answer, Incoming, Route, one_of
from bot.sandbox.entra.state import Account, NoSuchThing, StoredMethod, StoredPass, Tenant
from graph.methods import Kind

_ALL_WRITE = "UserAuthenticationMethod.ReadWrite.All"
_ALL_READ = one_of("UserAuthenticationMethod.Read.All", _ALL_WRITE)
_PASS_WRITE = one_of("UserAuthMethod-TAP.ReadWrite.All", _ALL_WRITE)
_PASS_READ = _PASS_WRITE | one_of("UserAuthMethod-TAP.Read.All", "UserAuthenticationMethod.Read.All")
_POLICY_READ = one_of("Policy.Read.AuthenticationMethod", "Policy.Read.All")

_TYPES = {
    Kind.PASSWORD: "passwordAuthenticationMethod",
    Kind.EMAIL: "emailAuthenticationMethod",
    Kind.PASS: "temporaryAccessPassAuthenticationMethod",
    Kind.PHONE: "phoneAuthenticationMethod",
    Kind.AUTHENTICATOR: "microsoftAuthenticatorAuthenticationMethod",
    Kind.SOFTWARE_OATH: "softwareOathAuthenticationMethod",
    Kind.HARDWARE_OATH: "hardwareOathAuthenticationMethod",
    Kind.FIDO2: "fido2AuthenticationMethod",
    Kind.WINDOWS_HELLO: "windowsHelloForBusinessAuthenticationMethod",
    Kind.PLATFORM_CREDENTIAL: "platformCredentialAuthenticationMethod",
    Kind.EXTERNAL: "externalAuthenticationMethod",
    Kind.UNKNOWN: "qrCodePinAuthenticationMethod",
}
_COLLECTIONS = {
    "microsoftAuthenticatorMethods": (Kind.AUTHENTICATOR, "UserAuthMethod-MicrosoftAuthApp.ReadWrite.All"),
    "softwareOathMethods": (Kind.SOFTWARE_OATH, "UserAuthMethod-SoftwareOATH.ReadWrite.All"),
    "phoneMethods": (Kind.PHONE, "UserAuthMethod-Phone.ReadWrite.All"),
}
_USER = "/users/{user}/authentication"
_PASSES = f"{_USER}/temporaryAccessPassMethods"
_POLICY = "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/temporaryAccessPass"


@dataclass(frozen=True)
class MadePass:
    """A pass that Graph made, for tests to look at."""

    account_id: str
    pass_id: str
    created: datetime
    lifetime: int
    usable_once: bool
    code: str = field(repr=False)


class Authentication:
    """The methods of every account. ``on_pass`` hears of each pass that is made."""

    def __init__(self, tenant: Tenant, audits: Audits, on_pass: Callable[[MadePass], None]) -> None:
        self._tenant = tenant
        self._audits = audits
        self._on_pass = on_pass

    def routes(self) -> list[Route]:
        """What this part of Graph answers."""
        style = Style.AUTHENTICATION
        found = [
            Route("POST", _PASSES, (_PASS_WRITE,), self._create, style),
            Route("GET", _PASSES, (_PASS_READ,), self._list_passes, style),
            Route("GET", f"{_PASSES}/{{pass}}", (_PASS_READ,), self._get_pass, style),
            Route("DELETE", f"{_PASSES}/{{pass}}", (_PASS_WRITE,), self._delete_pass, style),
            Route("GET", f"{_USER}/methods", (_ALL_READ,), self._list_methods, style),
            Route("GET", _POLICY, (_POLICY_READ,), self._policy, style),
        ]
        for name, (kind, permission) in _COLLECTIONS.items():
            where = f"{_USER}/{name}/{{method}}"
            found.append(
                Route("DELETE", where, (one_of(permission, _ALL_WRITE),), self._deletes(kind), style)
            )
        return found

    def _create(self, incoming: Incoming) -> Answer:
        account = self._account(incoming)
        asked = incoming.form(
            {
                "@odata.type": str,
                "lifetimeInMinutes": int,
                "isUsableOnce": bool,
                "startDateTime": str,
            }
        )
        self._refuse_account(account)
        lifetime, usable_once = self._within_policy(asked.get("lifetimeInMinutes"), asked.get("isUsableOnce"))
        made = self._tenant.new_pass(
            account, lifetime=lifetime, usable_once=usable_once, start=_start(asked.get("startDateTime"))
        )
        self._audits.pass_made_by_app(account, made)
        self._on_pass(MadePass(account.id, made.id, made.created, lifetime, usable_once, made.code))
        context = f"{incoming.root}/$metadata#users('{account.id}')/authentication/temporaryAccessPassMethods"
        fields = self._pass_fields(account, made) | {"temporaryAccessPass": made.code}
        return Answer(201, {"@odata.context": f"{context}/$entity"} | fields)

    def _refuse_account(self, account: Account) -> None:
        if account.resident.external:
            raise bad("Temporary Access Pass cannot be added to an external guest user.")
        if not self._tenant.policy.enabled or not self._tenant.in_scope(account):
            raise bad(
                "Converged UserCredentialPolicy does not allow creating or updating "
                "TemporaryAccessPass for this user."
            )

        older = account.access_pass
        if older is not None and not self._tenant.replaces_passes:
            raise bad("A Temporary Access Pass already exists for this user.")

    def _within_policy(self, lifetime: object, usable_once: object) -> tuple[int, bool]:
        policy = self._tenant.policy
        wanted = lifetime if isinstance(lifetime, int) else policy.default
        low, high = policy.minimum, policy.maximum
        if not low <= wanted <= high:
            raise bad(f"Invalid LifetimeInMinutes specified. The valid range between {low} and {high}.")
        if usable_once is False and policy.usable_once:
            raise bad("Only one-time passes are allowed by policy.")
        return wanted, policy.usable_once if usable_once is None else bool(usable_once)

    def _list_passes(self, incoming: Incoming) -> Answer:
        account = self._account(incoming)
        incoming.no_options()
        found = [] if account.access_pass is None else [self._pass_fields(account, account.access_pass)]
        return Answer(200, {"value": found})

    def _get_pass(self, incoming: Incoming) -> Answer:
        account = self._account(incoming)
        return Answer(200, self._pass_fields(account, self._pass(account, incoming)))

    def _delete_pass(self, incoming: Incoming) -> Answer:
        account = self._account(incoming)
        self._pass(account, incoming)
        account.access_pass = None
        self._audits.pass_deleted(account)
        return Answer(204)

    def _list_methods(self, incoming: Incoming) -> Answer:
        account = self._account(incoming)
        incoming.no_options()
        found = [_method_fields(account, method) for method in account.methods]
        if account.access_pass is not None:
            found.append(_typed(Kind.PASS) | self._pass_fields(account, account.access_pass))
        return Answer(200, {"value": found})

    def _deletes(self, kind: Kind) -> Callable[[Incoming], Answer]:
        def rule(incoming: Incoming) -> Answer:
            account = self._account(incoming)
            method_id = incoming.values["method"]
            if not any(m.id == method_id and m.kind is kind for m in account.methods):
                raise no_method()
            self._refuse_default(account, kind)
            self._tenant.remove(account, method_id)
            return Answer(204)

        return rule

    def _refuse_default(self, account: Account, kind: Kind) -> None:
        """The default is a kind: while another of it stays, any of them may go."""
        others = len(account.strong_methods) > 1
        same = sum(method.kind is kind for method in account.methods) > 1
        if account.default_method is kind and others and not same:
            raise bad(
                "Cannot delete default method with other methods configured. "
                "Please change default method before deletion."
            )

    def _policy(self, incoming: Incoming) -> Answer:
        policy = self._tenant.policy
        return Answer(
            200,
            {
                "@odata.context": f"{incoming.root}/$metadata#authenticationMethodConfigurations/$entity",
                "@odata.type": "#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration",
                "id": "TemporaryAccessPass",
                "state": "enabled" if policy.enabled else "disabled",
                "defaultLifetimeInMinutes": policy.default,
                "defaultLength": policy.length,
                "minimumLifetimeInMinutes": policy.minimum,
                "maximumLifetimeInMinutes": policy.maximum,
                "isUsableOnce": policy.usable_once,
                "includeTargets": [
                    {"targetType": kind, "id": target, "isRegistrationRequired": False}
                    for kind, target in policy.included
                ],
                "excludeTargets": [{"targetType": kind, "id": target} for kind, target in policy.excluded],
            },
        )

    def _pass_fields(self, account: Account, found: StoredPass) -> dict[str, object]:
        usable, reason = self._tenant.usability(account, found)
        return {
            "id": found.id,
            "temporaryAccessPass": None,
            "createdDateTime": timestamp(found.created),
            "startDateTime": timestamp(found.start),
            "lifetimeInMinutes": int(found.lifetime.total_seconds() // 60),
            "isUsableOnce": found.usable_once,
            "isUsable": usable,
            "methodUsabilityReason": reason.value,
        }

    def _pass(self, account: Account, incoming: Incoming) -> StoredPass:
        found = account.access_pass
        if found is None or found.id != incoming.values["pass"]:
            raise no_method()
        return found

    def _account(self, incoming: Incoming) -> Account:
        name = incoming.values["user"]
        try:
            return self._tenant.account(name)
        except NoSuchThing:
            raise no_resource(name) from None


def _start(told: object) -> datetime | None:
    if told is None:
        return None
    try:
        start = datetime.fromisoformat(str(told))
    except ValueError:
        raise bad("Invalid StartDateTime specified.") from None
    if start.tzinfo is None:
        raise bad("Invalid StartDateTime specified.")
    return start


def _typed(kind: Kind) -> dict[str, object]:
    return {"@odata.type": f"#microsoft.graph.{_TYPES[kind]}"}


def _method_fields(account: Account, method: StoredMethod) -> dict[str, object]:
    fields = _typed(method.kind) | {
        "id": method.id,
        "createdDateTime": None if method.created is None else timestamp(method.created),
    }
    match method.kind:
        case Kind.PASSWORD:
            fields["password"] = None
        case Kind.PHONE:
            fields |= {
                "phoneNumber": "+47 99999999",
                "phoneType": "mobile",
                "smsSignInState": "notAllowedByPolicy",
            }
        case Kind.EMAIL:
            fields["emailAddress"] = f"home.{account.resident.mail}"
        case Kind.FIDO2:
            fields |= {"displayName": method.name, "model": method.name}
        case _:
            fields["displayName"] = method.name
    return fields
