"""Stations with thresholds, and their readings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0002"
branch_labels = None
depends_on = None

Moment = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "stations",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("area_codes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("lat", sa.Double, nullable=True),
        sa.Column("lon", sa.Double, nullable=True),
        sa.Column("thresholds", postgresql.JSONB(), nullable=False),
        sa.Column("silent_after_s", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("standing", postgresql.JSONB(), nullable=False),
        sa.Column("level", sa.Text(), server_default="none", nullable=False),
        sa.Column("level_at", Moment, nullable=True),
        sa.Column("announced_level", sa.Text(), server_default="none", nullable=False),
        sa.Column("announced_identifier", sa.Text(), nullable=True),
        sa.Column("announced_at", Moment, nullable=True),
        sa.Column("announced_until", Moment, nullable=True),
        sa.Column("last_reading_at", Moment, nullable=True),
        sa.Column("last_value", sa.Double, nullable=True),
        sa.Column("heard_at", Moment, nullable=False),
        sa.Column("silent_since", Moment, nullable=True),
        sa.CheckConstraint("kind IN ('rain', 'level', 'slope', 'methane')", name=op.f("stations_kind_check")),
        sa.CheckConstraint("level IN ('none', 'prepare', 'evacuate')", name=op.f("stations_level_check")),
        sa.CheckConstraint(
            "announced_level IN ('none', 'prepare', 'evacuate')", name=op.f("stations_announced_level_check")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("stations_pkey")),
        sa.UniqueConstraint("code", name=op.f("stations_code_key")),
    )
    op.create_index(
        "stations_unannounced_idx",
        "stations",
        ["id"],
        postgresql_where=sa.text("level != announced_level"),
    )
    op.create_table(
        "readings",
        sa.Column("station_id", sa.UUID(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("value", sa.Double, nullable=False),
        sa.Column("received_at", Moment, nullable=False),
        sa.Column("plausible", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("readings_station_id_fkey")),
        sa.PrimaryKeyConstraint("station_id", "at", name=op.f("readings_pkey")),
    )


def downgrade() -> None:
    op.drop_table("readings")
    op.drop_table("stations")
