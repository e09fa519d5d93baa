"""Ways into a case from outside chat, and logins by eID."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invitation",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("case", sa.String(length=12), nullable=False),
        sa.Column("code_mac", sa.String(length=64), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case"], ["case.id"], name=op.f("fk_invitation_case"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_invitation")),
    )
    op.create_index("ix_invitation_case", "invitation", ["case"])
    op.create_table(
        "eid_attempt",
        sa.Column("cookie_hash", sa.String(length=64), nullable=False),
        sa.Column("case", sa.String(length=12), nullable=False),
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


def downgrade() -> None:
    for table in ("eid_attempt", "invitation"):
        op.drop_table(table)
