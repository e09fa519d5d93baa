"""What can go wrong in the store: each error is one plain sentence, without a value from the database."""


class StoreError(Exception):
    """The database did not do what was asked."""


class SchemaOutdated(StoreError):
    """The tables are older than the program."""

    def __init__(self) -> None:
        super().__init__("The database is older than this program: run `tofaktor db upgrade`.")


class SchemaTooNew(StoreError):
    """The tables are newer than the program."""

    def __init__(self) -> None:
        super().__init__("The database was upgraded by a newer version of this program: install that one.")


class DatabaseUnavailable(StoreError):
    """Locked, full, damaged or out of reach. Nothing of the transaction was kept, unless the answer to its
    commit was lost on the way: every step in here may be tried again."""


class RuleBroken(StoreError):
    """The database refused a row that breaks one of its rules: a fault of this program. Nothing was kept."""

    def __init__(self, rule: str) -> None:
        super().__init__(f"The database refused a change: it breaks the rule {rule}.")


class IllegalMove(StoreError):
    """The rules of a case do not allow this move: a fault of the caller, whatever the database holds."""

    def __init__(self, before: str, after: str) -> None:
        super().__init__(f"A case cannot go from {before} to {after}.")


class EvidenceForged(StoreError):
    """A row of evidence does not carry the signature of what it says."""

    def __init__(self, case: str) -> None:
        super().__init__(f"Evidence of case {case} was changed outside this program.")


class NotForOutbox(StoreError):
    """This message holds a secret and may only be shown, never stored."""

    def __init__(self, name: str) -> None:
        super().__init__(f"A message of the kind {name} holds a secret and is never stored.")
