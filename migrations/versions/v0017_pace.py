"""How fast what nobody waits for goes out."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision: str | None = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pace",
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("rate", sa.Float(), nullable=False),
        sa.Column("allowance", sa.Float(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ceiling", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("platform", name=op.f("pk_pace")),
    )


def downgrade() -> None:
    op.drop_table("pace")
