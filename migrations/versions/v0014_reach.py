"""Who can be written to in which chat."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision: str | None = "0013"
branch_labels = None
depends_on = None

_STATES = (
    "'blocked', 'installing', 'left', 'no-account', 'not-offered', 'not-permitted', 'reachable', 'refused'"
)


def upgrade() -> None:
    op.create_table(
        "reach",
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("account", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"state IN ({_STATES})", name=op.f("ck_reach_state")),
        sa.PrimaryKeyConstraint("platform", "account", name=op.f("pk_reach")),
    )


def downgrade() -> None:
    op.drop_table("reach")
