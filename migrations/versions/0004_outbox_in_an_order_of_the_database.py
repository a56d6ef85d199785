"""The outbox in an order of the database, and leases without clocks"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CARRIED = """
    key, kind, incident_id, channel, thread_ts, payload, message_ts, revision, delivered_revision, attempts, last_error
"""
# What was being sent, or had been tried, may be in Slack already.
UPWARD = f"""
    INSERT INTO outbox_message ({CARRIED}, created_at, wanted_at, state, thread, beat, slack_file_ids, in_doubt_since)
    SELECT {CARRIED}, created_at, created_at, CASE state WHEN 'sending' THEN 'pending' ELSE state END,
           coalesce(incident_id, channel || ':' || coalesce(thread_ts, '')), 0, '[]',
           CASE WHEN state IN ('pending', 'sending') AND attempts > 0 THEN created_at END
    FROM kept_message ORDER BY id
"""  # noqa: S608  # constants of this file
DOWNWARD = f"""
    INSERT INTO outbox_message ({CARRIED}, id, state, retry_at, created_at)
    SELECT {CARRIED}, substr('00000000000000000000000000' || id, length('' || id) + 1),
           CASE state WHEN 'sending' THEN 'pending' ELSE state END, coalesce(retry_at, created_at), created_at
    FROM kept_message
"""  # noqa: S608  # constants of this file


def upgrade() -> None:
    _set_aside("ix_outbox_message_state_retry_at")
    op.create_table(
        "outbox_message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        *_columns(),
        sa.Column("thread", sa.String(length=72), nullable=False),
        sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sender", sa.String(length=26), nullable=True),
        sa.Column("beat", sa.Integer(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("in_doubt_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("slack_file_ids", sa.JSON(), nullable=False),
        *_constraints(),
    )
    _bring_back(UPWARD, "ix_outbox_message_state_thread_id", ["state", "thread", "id"])


def downgrade() -> None:
    _set_aside("ix_outbox_message_state_thread_id")
    op.create_table(
        "outbox_message",
        sa.Column("id", sa.String(length=26), nullable=False),
        *_columns(),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=False),
        *_constraints(),
    )
    _bring_back(DOWNWARD, "ix_outbox_message_state_retry_at", ["state", "retry_at"])


def _set_aside(index: str) -> None:
    """Neither database turns a column into a key that counts by itself: the table is made anew."""
    op.execute("CREATE TEMPORARY TABLE kept_message AS SELECT * FROM outbox_message")
    op.drop_index(index, table_name="outbox_message")
    op.drop_index("ix_outbox_message_incident_id", table_name="outbox_message")
    op.drop_table("outbox_message")


def _bring_back(rows: str, index: str, columns: list[str]) -> None:
    op.execute(rows)
    op.execute("DROP TABLE kept_message")
    op.create_index(index, "outbox_message", columns)
    op.create_index("ix_outbox_message_incident_id", "outbox_message", ["incident_id"])


def _columns() -> list[sa.Column]:
    return [
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("incident_id", sa.String(length=26), nullable=True),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("thread_ts", sa.String(length=32), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("message_ts", sa.String(length=32), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("delivered_revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    ]


def _constraints() -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_outbox_message_incident_id_incident"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_message_key")),
    ]
