"""Where people and channels of Teams can be written to."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision: str | None = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conversation_reference",
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("conversation", sa.String(length=500), nullable=False),
        sa.Column("user", sa.String(length=200), nullable=True),
        sa.Column("service_url", sa.String(length=500), nullable=False),
        sa.Column("locale", sa.String(length=40), nullable=False),
        sa.Column("time_zone", sa.String(length=80), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "conversation", name=op.f("pk_conversation_reference")),
    )
    op.create_index(
        "ix_conversation_reference_user", "conversation_reference", ["tenant", "user"], unique=True
    )


def downgrade() -> None:
    op.drop_index("ix_conversation_reference_user", table_name="conversation_reference")
    op.drop_table("conversation_reference")
