"""A case is followed to the new method, and past the old one."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision: str | None = "0009"
branch_labels = None
depends_on = None

_STATES = "'default', 'forbidden', 'gone', 'last', 'no-answer', 'other-first', 'removed', 'removing', 'there'"


def upgrade() -> None:
    op.add_column("case", sa.Column("register_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("case", sa.Column("registered_at", sa.DateTime(timezone=True), nullable=True))
    for name, length in (("registered_kind", 24), ("registered_name", 64), ("found", 16)):
        op.add_column("case", sa.Column(name, sa.String(length=length), server_default="", nullable=False))
    op.create_table(
        "old_method",
        sa.Column("case", sa.String(length=12), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("method", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(f"state IN ({_STATES})", name=op.f("ck_old_method_state")),
        sa.ForeignKeyConstraint(
            ["case"], ["case.id"], name=op.f("fk_old_method_case_case"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case", "number", name=op.f("pk_old_method")),
    )


def downgrade() -> None:
    op.drop_table("old_method")
    for name in ("found", "registered_name", "registered_kind", "registered_at", "register_until"):
        op.drop_column("case", name)
