"""How every wave stood on each day."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision: str | None = "0014"
branch_labels = None
depends_on = None

_COUNTS = ("accounts", "ready", "reminded", "unreachable", "disabled", "gone", "guest", "excluded")


def upgrade() -> None:
    op.create_table(
        "rollout_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("wave", sa.String(length=80), nullable=False),
        sa.Column("activation_day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS),
        sa.PrimaryKeyConstraint("day", "wave", "activation_day", name=op.f("pk_rollout_day")),
    )


def downgrade() -> None:
    op.drop_table("rollout_day")
