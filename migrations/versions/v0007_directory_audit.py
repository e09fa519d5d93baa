"""How far the directory audit is read, and the passes it told of."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision: str | None = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "directory_watch",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_watch")),
    )
    op.execute("INSERT INTO directory_watch (id) VALUES (1)")
    op.create_table(
        "directory_pass",
        sa.Column("audit_id", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issuing", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_directory_pass")),
        sa.UniqueConstraint("issuing", name=op.f("uq_directory_pass_issuing")),
    )
    op.create_index(op.f("ix_directory_pass_at"), "directory_pass", ["at"], unique=False)


def downgrade() -> None:
    op.drop_table("directory_pass")
    op.drop_table("directory_watch")
