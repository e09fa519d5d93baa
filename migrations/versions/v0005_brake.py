"""Passes can be stopped for everybody."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "brake",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_by", sa.String(length=256), nullable=True),
        sa.Column("reason", sa.String(length=10), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_by", sa.String(length=256), nullable=True),
        sa.CheckConstraint("reason IN ('breaker', 'stop')", name=op.f("ck_brake_reason")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brake")),
    )
    op.execute("INSERT INTO brake (id) VALUES (1)")


def downgrade() -> None:
    op.drop_table("brake")
