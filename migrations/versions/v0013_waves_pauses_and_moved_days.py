"""The plan knows what holds an account in it, who was told of another day, and when the rollout pauses."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision: str | None = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("plan", sa.Column("source", sa.String(length=8), server_default="file", nullable=False))
    op.add_column("plan", sa.Column("excluded", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "left_out",
        sa.Column("account", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_left_out")),
    )
    op.create_table(
        "moved_day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=36), nullable=False),
        sa.Column("before", sa.Date(), nullable=False),
        sa.Column("after", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moved_day")),
    )
    op.create_index("ix_moved_day_account", "moved_day", ["account"])
    op.create_index("ix_moved_day_outcome", "moved_day", ["outcome"])
    op.create_table(
        "rollout_pause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave", sa.String(length=80), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused_by", sa.String(length=128), nullable=False),
        sa.Column("resumed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resumed_by", sa.String(length=128), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollout_pause")),
    )


def downgrade() -> None:
    for table in ("rollout_pause", "moved_day", "left_out"):
        op.drop_table(table)
    for name in ("excluded", "source"):
        op.drop_column("plan", name)
