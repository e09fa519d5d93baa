"""On which platform a conversation with support stands: until now there was one."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision: str | None = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "relay", sa.Column("stands_on", sa.String(length=20), nullable=False, server_default="slack")
    )


def downgrade() -> None:
    op.drop_column("relay", "stands_on")
