"""Runs are counted by their incident, so that no clock decides which of them is the newer one"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

PLACE = """
    UPDATE triage_run SET number = (
        SELECT count(*) FROM triage_run AS earlier
        WHERE earlier.incident_id = triage_run.incident_id AND earlier.id <= triage_run.id
    )
"""
COUNT = "UPDATE incident SET run_count = (SELECT count(*) FROM triage_run WHERE triage_run.incident_id = incident.id)"


def upgrade() -> None:
    # The defaults stay: during a deploy the code of before still writes rows.
    op.add_column("incident", sa.Column("run_count", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("triage_run", sa.Column("number", sa.Integer(), nullable=False, server_default="0"))
    op.execute(PLACE)
    op.execute(COUNT)
    op.drop_index("ix_triage_run_incident_id_id", "triage_run")
    op.create_index("ix_triage_run_incident_id_number", "triage_run", ["incident_id", "number"])


def downgrade() -> None:
    op.drop_index("ix_triage_run_incident_id_number", "triage_run")
    op.create_index("ix_triage_run_incident_id_id", "triage_run", ["incident_id", "id"])
    op.drop_column("triage_run", "number")
    op.drop_column("incident", "run_count")
