"""Sign-ins of those who work with cases, the front door, and codes that are typed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"
branch_labels = None
depends_on = None

_TABLES = (
    "sign_in_attempt",
    "staff_session",
    "support_link",
    "decision_link",
    "claim",
    "sent_code",
    "recovery_code",
    "door",
)


def upgrade() -> None:
    _sign_ins()
    _codes()
    # Nobody waits longer for a login than ten minutes: those under way are begun anew.
    op.drop_table("eid_attempt")
    _eid_attempt(with_door=True)
    op.create_table(
        "door",
        sa.Column("cookie_hash", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=36), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("cookie_hash", name=op.f("pk_door")),
    )
    op.create_index("ix_door_account", "door", ["account"])
    op.add_column(
        "case", sa.Column("opened_by", sa.String(length=10), nullable=False, server_default="owner")
    )
    # Claim codes have a table of their own: one that was read out a moment ago is asked for anew.
    op.drop_index("ix_case_claim_hash", "case")
    op.drop_column("case", "claim_hash")
    op.drop_column("case", "claim_until")
    op.add_column("case", sa.Column("not_before", sa.DateTime(timezone=True), nullable=True))
    op.add_column("case", sa.Column("signs", sa.String(length=300), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("case", "signs")
    op.drop_column("case", "not_before")
    op.drop_column("case", "opened_by")
    op.add_column("case", sa.Column("claim_hash", sa.String(length=64), nullable=True))
    op.add_column("case", sa.Column("claim_until", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_case_claim_hash", "case", ["claim_hash"])
    op.drop_table("eid_attempt")
    for table in reversed(_TABLES):
        op.drop_table(table)
    _eid_attempt(with_door=False)


def _sign_ins() -> None:
    op.create_table(
        "sign_in_attempt",
        sa.Column("cookie_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("record", sa.String(length=80), nullable=False),
        sa.Column("stepping_up", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("verifier", sa.String(length=128), nullable=False),
        sa.Column("redirect_uri", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("cookie_hash", name=op.f("pk_sign_in_attempt")),
    )
    op.create_table(
        "staff_session",
        sa.Column("cookie_hash", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("auth_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stepped_up", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("cookie_hash", name=op.f("pk_staff_session")),
    )
    op.create_index("ix_staff_session_account", "staff_session", ["account"])
    op.create_table(
        "support_link",
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("user", sa.String(length=200), nullable=False),
        sa.Column("account", sa.String(length=36), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stepped_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("platform", "tenant", "user", name=op.f("pk_support_link")),
    )
    op.create_index("ix_support_link_account", "support_link", ["account"])
    op.create_table(
        "decision_link",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("case", sa.String(length=12), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=False),
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("user", sa.String(length=200), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case"], ["case.id"], name=op.f("fk_decision_link_case"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_decision_link")),
    )
    op.create_index("ix_decision_link_case", "decision_link", ["case"])


def _codes() -> None:
    op.create_table(
        "claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case", sa.String(length=12), nullable=False),
        sa.Column("route", sa.String(length=40), nullable=False),
        sa.Column("attester", sa.String(length=36), nullable=False),
        sa.Column("attester_name", sa.String(length=256), nullable=False),
        sa.Column("asked_by", sa.String(length=36), nullable=True),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column("code_mac", sa.String(length=64), nullable=True),
        sa.Column("mac", sa.String(length=64), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case"], ["case.id"], name=op.f("fk_claim_case"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
    )
    op.create_index("ix_claim_case", "claim", ["case"])
    op.create_index("ix_claim_attester", "claim", ["attester"])
    op.create_index("ix_claim_code_mac", "claim", ["code_mac"])
    op.create_table(
        "sent_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case", sa.String(length=12), nullable=False),
        sa.Column("route", sa.String(length=40), nullable=False),
        sa.Column("code_mac", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case"], ["case.id"], name=op.f("fk_sent_code_case"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_code")),
    )
    op.create_index("ix_sent_code_case", "sent_code", ["case"])
    op.create_table(
        "recovery_code",
        sa.Column("account", sa.String(length=36), nullable=False),
        sa.Column("code_mac", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_recovery_code")),
    )


def _eid_attempt(*, with_door: bool) -> None:
    door = [sa.Column("door", sa.String(length=64), nullable=True)] if with_door else []
    op.create_table(
        "eid_attempt",
        sa.Column("cookie_hash", sa.String(length=64), nullable=False),
        sa.Column("case", sa.String(length=12), nullable=with_door),
        *door,
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("verifier", sa.String(length=128), nullable=False),
        sa.Column("redirect_uri", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case"], ["case.id"], name=op.f("fk_eid_attempt_case"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("cookie_hash", name=op.f("pk_eid_attempt")),
    )
    op.create_index("ix_eid_attempt_case", "eid_attempt", ["case"])
    if with_door:
        op.create_index("ix_eid_attempt_door", "eid_attempt", ["door"])
