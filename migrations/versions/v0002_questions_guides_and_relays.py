"""Questions and their outcomes, guides people are in, and conversations with support."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "guide_run",
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("user", sa.String(length=200), nullable=False),
        sa.Column("guide", sa.String(length=20), nullable=False),
        sa.Column("device", sa.String(length=10), nullable=True),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("view", sa.String(length=20), nullable=False),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.Column("card", sa.String(length=500), nullable=False),
        sa.Column("methods_before", sa.String(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("platform", "tenant", "user", name=op.f("pk_guide_run")),
    )
    op.create_index("ix_guide_run_moved_at", "guide_run", ["moved_at"])
    op.create_table(
        "question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=500), nullable=False),
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("user", sa.String(length=200), nullable=False),
        sa.Column("conversation", sa.String(length=500), nullable=False),
        sa.Column("thread", sa.String(length=500), nullable=True),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("text", sa.String(length=3000), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=True),
        sa.Column("second", sa.String(length=40), nullable=True),
        sa.Column("alternatives", sa.String(length=200), nullable=False),
        sa.Column("chosen", sa.String(length=40), nullable=True),
        sa.Column("helpful", sa.Boolean(), nullable=True),
        sa.Column("marked", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("event", name=op.f("uq_question_event")),
    )
    op.create_index("ix_question_asked_at", "question", ["asked_at"])
    op.create_index("ix_question_person", "question", ["platform", "tenant", "user", "asked_at"])
    op.create_index("ix_question_thread", "question", ["conversation", "thread"])

    op.create_table(
        "relay",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("event", sa.String(length=500), nullable=False),
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("user", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("question", sa.Integer(), nullable=True),
        sa.Column("card", sa.JSON(), nullable=False),
        sa.Column("conversation", sa.String(length=500), nullable=True),
        sa.Column("thread", sa.String(length=500), nullable=True),
        sa.Column("marked", sa.String(length=40), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=20), nullable=True),
        sa.Column("ended_name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relay")),
        sa.UniqueConstraint("event", name=op.f("uq_relay_event")),
    )
    op.create_index("ix_relay_thread", "relay", ["conversation", "thread"])
    op.create_index(
        "uq_relay_open",
        "relay",
        ["platform", "tenant", "user"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "relay_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("relay", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=500), nullable=False),
        sa.Column("side", sa.String(length=12), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("data", sa.JSON(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.CheckConstraint("side IN ('person', 'support')", name=op.f("ck_relay_line_side")),
        sa.CheckConstraint("state IN ('done', 'lost', 'out', 'waiting')", name=op.f("ck_relay_line_state")),
        sa.ForeignKeyConstraint(
            ["relay"], ["relay.id"], name=op.f("fk_relay_line_relay"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relay_line")),
        sa.UniqueConstraint("key", name=op.f("uq_relay_line_key")),
    )
    op.create_index("ix_relay_line_relay", "relay_line", ["relay"])
    op.create_index("ix_relay_line_state", "relay_line", ["state", "relay"])


def downgrade() -> None:
    for table in ("relay_line", "relay", "question", "guide_run"):
        op.drop_table(table)
