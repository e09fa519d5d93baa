"""Links that say "it wasn't me", and accounts that get no new case for a while."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision: str | None = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "not_me",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("case", sa.String(length=12), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["case.id"], name=op.f("fk_not_me_case"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_not_me")),
    )
    op.create_index("ix_not_me_case", "not_me", ["case"])
    op.create_table(
        "freeze",
        sa.Column("case", sa.String(length=12), nullable=False),
        sa.Column("account", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.String(length=256), nullable=True),
        sa.ForeignKeyConstraint(["case"], ["case.id"], name=op.f("fk_freeze_case"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("case", name=op.f("pk_freeze")),
    )
    op.create_index("ix_freeze_account", "freeze", ["account"])


def downgrade() -> None:
    op.drop_table("freeze")
    op.drop_table("not_me")
