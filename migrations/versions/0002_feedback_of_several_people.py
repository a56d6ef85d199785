"""Feedback of several people on one finding"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# An opinion from before has no time of its own: the end of its run is the nearest moment that is known.
KEEP_OPINIONS = """
    INSERT INTO finding_feedback (finding_id, "user", opinion, engine_version, given_at)
    SELECT finding.id, finding.feedback_by, finding.feedback, triage_run.engine_version, triage_run.finished_at
    FROM finding JOIN triage_run ON triage_run.id = finding.run_id
    WHERE finding.feedback IS NOT NULL AND finding.feedback_by IS NOT NULL
      AND triage_run.engine_version IS NOT NULL AND triage_run.finished_at IS NOT NULL
"""
# One finding had room for one opinion: the last.
GIVE_BACK_OPINIONS = """
    UPDATE finding SET
      feedback = (SELECT opinion FROM finding_feedback given WHERE given.finding_id = finding.id
                  ORDER BY given_at DESC, "user" LIMIT 1),
      feedback_by = (SELECT "user" FROM finding_feedback given WHERE given.finding_id = finding.id
                     ORDER BY given_at DESC, "user" LIMIT 1)
"""


def upgrade() -> None:
    op.create_table(
        "finding_feedback",
        sa.Column("finding_id", sa.String(length=26), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("opinion", sa.Enum("right", "wrong", name="opinion", native_enum=False, length=24), nullable=False),
        sa.Column("engine_version", sa.String(length=32), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["finding.id"], name=op.f("fk_finding_feedback_finding_id_finding"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("finding_id", "user", name=op.f("pk_finding_feedback")),
    )
    op.execute(KEEP_OPINIONS)
    # Not in batch mode: on SQLite that drops the table and makes it anew, and the opinions would go with it.
    op.drop_column("finding", "feedback_by")
    op.drop_column("finding", "feedback")


def downgrade() -> None:
    op.add_column("finding", sa.Column("feedback", sa.String(length=8), nullable=True))
    op.add_column("finding", sa.Column("feedback_by", sa.String(length=64), nullable=True))
    op.execute(GIVE_BACK_OPINIONS)
    op.drop_table("finding_feedback")
