"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels = None
depends_on = None

_LIVE = sa.text("state NOT IN ('cancelled', 'closed', 'denied', 'expired', 'failed', 'stopped')")
"""One case per target that is not at its end."""

_REFUSE = "BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END"
_SQLITE = (
    f"CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit {_REFUSE}",
    f"CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit {_REFUSE}",
)
_REFUSAL = "LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'audit is append-only'; END $$"
_EACH = "ON audit FOR EACH {} EXECUTE FUNCTION audit_refuse()"
_POSTGRESQL = (
    f"CREATE FUNCTION audit_refuse() RETURNS trigger {_REFUSAL}",
    f"CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE {_EACH.format('ROW')}",
    f"CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE {_EACH.format('STATEMENT')}",
)


def upgrade() -> None:
    op.create_table(
        "attempt",
        sa.Column("subject", sa.String(length=500), nullable=False),
        sa.Column("window", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "window", name=op.f("pk_attempt")),
    )
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("segment", sa.String(length=7), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("case", sa.String(length=12), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_case", "audit", ["case"])
    op.create_index("ix_audit_segment", "audit", ["segment"])

    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.Column("segment", sa.String(length=7), nullable=False),
        sa.Column("broken_at", sa.Integer(), nullable=True),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "audit_segment",
        sa.Column("segment", sa.String(length=7), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("segment", name=op.f("pk_audit_segment")),
    )
    op.create_table(
        "case",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("target", sa.String(length=36), nullable=False),
        sa.Column("target_name", sa.String(length=256), nullable=False),
        sa.Column("target_upn", sa.String(length=256), nullable=False),
        sa.Column("target_department", sa.String(length=128), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("starter", sa.String(length=36), nullable=True),
        sa.Column("agent", sa.String(length=36), nullable=True),
        sa.Column("agent_name", sa.String(length=256), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("previous", sa.String(length=12), nullable=True),
        sa.Column("claim_hash", sa.String(length=64), nullable=True),
        sa.Column("claim_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claim_tries", sa.Integer(), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=True),
        sa.Column("approvals_wanted", sa.Integer(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("show_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("denied_by", sa.String(length=256), nullable=True),
        sa.Column("issue_attempt", sa.Integer(), nullable=False),
        sa.Column("issuing_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pass_id", sa.String(length=64), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pass_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("methods_before", sa.String(), nullable=False),
        sa.Column("old_kept", sa.Boolean(), nullable=False),
        sa.Column("follow_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'verifying', 'verified', 'approved', 'issuing', 'issue_unknown', 'issued', 'used', "
            "'closed', 'denied', 'cancelled', 'expired', 'failed', 'stopped')",
            name=op.f("ck_case_state"),
        ),
        sa.ForeignKeyConstraint(
            ["previous"], ["case.id"], name=op.f("fk_case_previous"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
    )
    op.create_index("ix_case_browser_hash", "case", ["browser_hash"])
    op.create_index("ix_case_claim_hash", "case", ["claim_hash"])
    op.create_index("ix_case_follow_at", "case", ["follow_at"])
    op.create_index("ix_case_state", "case", ["state", "state_at"])
    op.create_index("ix_case_target", "case", ["target"])
    op.create_index(
        "uq_case_live_target", "case", ["target"], unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE
    )

    op.create_table(
        "inbox",
        sa.Column("id", sa.String(length=500), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("fields", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("lease_owner", sa.String(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('done', 'failed', 'waiting', 'working')", name=op.f("ck_inbox_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
    )
    op.create_index("ix_inbox_work", "inbox", ["state", "lease_until"])

    op.create_table(
        "link",
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("user", sa.String(length=200), nullable=False),
        sa.Column("account", sa.String(length=36), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("flagged", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("platform", "tenant", "user", name=op.f("pk_link")),
    )
    op.create_index("ix_link_account", "link", ["account"])

    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=500), nullable=False),
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("user", sa.String(length=200), nullable=True),
        sa.Column("conversation", sa.String(length=500), nullable=True),
        sa.Column("thread", sa.String(length=500), nullable=True),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("replaces", sa.String(length=500), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("lease_owner", sa.String(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("repeated", sa.Boolean(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_conversation", sa.String(length=500), nullable=True),
        sa.Column("sent_thread", sa.String(length=500), nullable=True),
        sa.Column("sent_private", sa.Boolean(), nullable=False),
        sa.Column("sent_message", sa.String(length=500), nullable=True),
        sa.Column("failure", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "state IN ('dropped', 'failed', 'pending', 'sending', 'sent')", name=op.f("ck_outbox_state")
        ),
        sa.CheckConstraint('"user" IS NOT NULL OR conversation IS NOT NULL', name=op.f("ck_outbox_target")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    op.create_index("ix_outbox_due", "outbox", ["state", "priority", "due_at", "id"])
    op.create_index("ix_outbox_lease", "outbox", ["state", "lease_until"])
    op.create_index("ix_outbox_replaces", "outbox", ["replaces"])

    op.create_table(
        "plan",
        sa.Column("account", sa.String(length=36), nullable=False),
        sa.Column("upn", sa.String(length=256), nullable=False),
        sa.Column("mail", sa.String(length=320), nullable=True),
        sa.Column("activation_day", sa.Date(), nullable=False),
        sa.Column("wave", sa.String(length=80), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_plan")),
    )
    op.create_index("ix_plan_activation_day", "plan", ["activation_day"])
    op.create_index("ix_plan_upn", "plan", ["upn"])
    op.create_index("ix_plan_wave", "plan", ["wave"])

    op.create_table(
        "plan_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=128), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("before", sa.Date(), nullable=True),
        sa.Column("after", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_change")),
    )
    op.create_index("ix_plan_change_account", "plan_change", ["account"])

    op.create_table(
        "preference",
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("tenant", sa.String(length=80), nullable=False),
        sa.Column("user", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.PrimaryKeyConstraint("platform", "tenant", "user", name=op.f("pk_preference")),
    )
    op.create_table(
        "pseudonym",
        sa.Column("pseudonym", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("pseudonym", name=op.f("pk_pseudonym")),
        sa.UniqueConstraint("subject", name=op.f("uq_pseudonym_subject")),
    )
    op.create_table(
        "reminder",
        sa.Column("account", sa.String(length=36), nullable=False),
        sa.Column("activation_day", sa.Date(), nullable=False),
        sa.Column("offset", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", "activation_day", "offset", name=op.f("pk_reminder")),
    )
    op.create_table(
        "approval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case", sa.String(length=12), nullable=False),
        sa.Column("approver", sa.String(length=36), nullable=False),
        sa.Column("approver_name", sa.String(length=256), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["case.id"], name=op.f("fk_approval_case"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
        sa.UniqueConstraint("case", "approver", name=op.f("uq_approval_case_approver")),
    )
    op.create_index("ix_approval_case", "approval", ["case"])

    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case", sa.String(length=12), nullable=False),
        sa.Column("target", sa.String(length=36), nullable=False),
        sa.Column("route", sa.String(length=40), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=36), nullable=True),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["case.id"], name=op.f("fk_evidence_case"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index("ix_evidence_case", "evidence", ["case"])

    for statement in _POSTGRESQL if op.get_bind().dialect.name == "postgresql" else _SQLITE:
        op.execute(statement)


def downgrade() -> None:
    for table in (
        "evidence",
        "approval",
        "reminder",
        "pseudonym",
        "preference",
        "plan_change",
        "plan",
        "outbox",
        "link",
        "inbox",
        "case",
        "audit_segment",
        "audit_head",
        "audit",
        "attempt",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_refuse()")
