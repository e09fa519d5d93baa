"""Who has set up what, and how the report that tells it was read."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision: str | None = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "registration",
        sa.Column("account", sa.String(length=36), nullable=False),
        sa.Column("strength", sa.String(length=10), nullable=False),
        sa.Column("kinds", sa.String(length=200), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("learned_by", sa.String(length=10), nullable=False),
        sa.CheckConstraint(
            "strength IN ('email', 'nothing', 'strong', 'telecom', 'unknown')",
            name=op.f("ck_registration_strength"),
        ),
        sa.CheckConstraint("learned_by IN ('methods', 'report')", name=op.f("ck_registration_learned_by")),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_registration")),
    )
    op.create_index("ix_registration_as_of", "registration", ["as_of"])
    reading = op.create_table(
        "report_reading",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accounts", sa.Integer(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.String(length=20), nullable=True),
        sa.CheckConstraint(
            "trouble IN ('no-licence', 'no-permission')", name=op.f("ck_report_reading_trouble")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_reading")),
    )
    op.bulk_insert(reading, [{"id": 1, "accounts": 0, "requests": 0}])


def downgrade() -> None:
    op.drop_table("report_reading")
    op.drop_table("registration")
