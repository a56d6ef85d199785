"""Claims of runs, runs that wait, and beats that are counted"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# The defaults stay: during a deploy the code of before still writes rows.
COUNTS = (
    ("triage_run", "turn", "1"),
    ("triage_run", "claim", "0"),
    ("triage_run", "waits", "0"),
    ("worker_heartbeat", "beat", "0"),
)


def upgrade() -> None:
    for table, name, default in COUNTS:
        op.add_column(table, sa.Column(name, sa.Integer(), nullable=False, server_default=default))
    op.add_column("triage_run", sa.Column("waiting_for", sa.Text(), nullable=True))
    op.add_column("triage_run", sa.Column("stopped_by", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.execute("UPDATE triage_run SET state = 'failed' WHERE state = 'canceled'")
    for name in ("stopped_by", "waiting_for"):
        op.drop_column("triage_run", name)
    for table, name, _ in COUNTS:
        op.drop_column(table, name)
