"""The picture of a triage"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "triage_picture",
        sa.Column("run_id", sa.String(length=26), nullable=False),
        sa.Column("png_key", sa.String(length=255), nullable=False),
        sa.Column("svg_key", sa.String(length=255), nullable=False),
        sa.Column("alt_text", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("drawn", "ready", "refused", name="picturestate", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("slack_file_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["triage_run.id"], name=op.f("fk_triage_picture_run_id_triage_run"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_triage_picture")),
    )


def downgrade() -> None:
    op.execute("DELETE FROM outbox_message WHERE kind IN ('picture', 'picture_file')")
    op.drop_table("triage_picture")
