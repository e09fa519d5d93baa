"""Who is on a case and who was asked, why it was turned down, and its number elsewhere."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision: str | None = "0008"
branch_labels = None
depends_on = None

_TEXTS = {"denied_reason": 20, "ticket": 24, "told": 300, "nobody": 20}
_MOMENTS = ("held_at", "round_at", "fallback_at")
_NAMES = {"held_by": 36, "held_name": 256}


def upgrade() -> None:
    for name, longest in _TEXTS.items():
        op.add_column("case", sa.Column(name, sa.String(length=longest), nullable=False, server_default=""))
    for name, longest in _NAMES.items():
        op.add_column("case", sa.Column(name, sa.String(length=longest), nullable=True))
    for name in _MOMENTS:
        op.add_column("case", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("case", sa.Column("round", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_case_round_at", "case", ["round_at"])
    op.add_column(
        "decision_link", sa.Column("reason", sa.String(length=20), nullable=False, server_default="")
    )
    op.create_table(
        "card_copy",
        sa.Column("case", sa.String(length=12), nullable=False),
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("user", sa.String(length=200), nullable=False),
        sa.Column("account", sa.String(length=36), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("handed_by", sa.String(length=256), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["case.id"], name=op.f("fk_card_copy_case"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("case", "platform", "tenant", "user", name=op.f("pk_card_copy")),
    )


def downgrade() -> None:
    op.drop_table("card_copy")
    op.drop_column("decision_link", "reason")
    op.drop_index("ix_case_round_at", "case")
    for name in ("round", *_MOMENTS, *_NAMES, *_TEXTS):
        op.drop_column("case", name)
