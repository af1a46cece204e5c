"""The record as it began: events and their heads, nouns, ledger, serial blocks, uses, contacts, and their guards."""

import sqlalchemy as sa
from alembic import op

from seedbed.operate.record.tables import guards

revision = "0001"
down_revision = None

TEXT, WHOLE, DAY, FLAG = sa.Text(), sa.BigInteger(), sa.Date(), sa.Boolean()


def _table(name: str, key: str, columns: dict[str, sa.types.TypeEngine], *, may_lack: str = "",
           more: tuple[sa.Constraint, ...] = ()) -> None:
    primary, lacking = key.split(), may_lack.split()
    op.create_table(name, *(sa.Column(column, kind, nullable=column in lacking, autoincrement=False)
                            for column, kind in columns.items()),
                    sa.PrimaryKeyConstraint(*primary, name=f"pk_{name}"), *more)


def _of_event(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["stream", "number"], ["event.stream", "event.number"],
                                   name=f"fk_{name}_stream_number")


def upgrade() -> None:
    _table("event", "stream number", {"stream": TEXT, "number": WHOLE, "kind": TEXT, "on_day": DAY, "at": TEXT,
                                      "by": TEXT, "about": TEXT, "body": TEXT, "key": TEXT, "before": TEXT,
                                      "hash": TEXT},
           may_lack="key", more=(sa.UniqueConstraint("key", name="uq_event_key"),))
    _table("head", "stream", {"stream": TEXT, "number": WHOLE, "hash": TEXT})
    _table("noun", "kind id version", {"kind": TEXT, "id": TEXT, "version": sa.Integer(), "owner": TEXT, "about": TEXT,
                                       "body": TEXT, "stream": TEXT, "number": WHOLE},
           may_lack="owner about", more=(_of_event("noun"),))
    _table("asset", "id", {"id": TEXT, "unit": TEXT, "digits": sa.Integer(), "serial": FLAG, "label": TEXT},
           may_lack="label")
    _table("account", "id", {"id": TEXT, "owner": TEXT, "asset": TEXT, "negative": FLAG, "balance": WHOLE,
                             "version": WHOLE},
           more=(sa.ForeignKeyConstraint(["asset"], ["asset.id"], name="fk_account_asset"),))
    _table("transfer", "id", {"id": TEXT, "stream": TEXT, "number": WHOLE, "asset": TEXT, "source": TEXT,
                              "target": TEXT, "amount": WHOLE, "phase": TEXT, "closes": TEXT, "voids": TEXT,
                              "expires": TEXT, "lot": TEXT, "serials": TEXT, "on_day": DAY, "at": TEXT},
           may_lack="closes voids expires lot serials",
           more=(_of_event("transfer"), sa.UniqueConstraint("closes", name="uq_transfer_closes"),
                 sa.UniqueConstraint("voids", name="uq_transfer_voids")))
    _table("entry", "account version", {"account": TEXT, "version": WHOLE, "transfer": TEXT, "amount": WHOLE,
                                        "after": WHOLE, "on_day": DAY})
    _table("lot", "asset id", {"asset": TEXT, "id": TEXT, "expires": DAY, "body": TEXT}, may_lack="expires")
    _table("block", "asset first", {"asset": TEXT, "first": WHOLE, "last": WHOLE, "account": TEXT, "lot": TEXT},
           may_lack="lot")
    _table("use", "id", {"id": TEXT, "source": TEXT, "unit": TEXT, "start": DAY, "end": DAY, "low": WHOLE,
                         "high": WHOLE, "instrument": TEXT, "by": TEXT, "decision": TEXT, "stream": TEXT,
                         "number": WHOLE}, may_lack="decision", more=(_of_event("use"),))
    _table("contact", "person", {"person": TEXT, "salt": TEXT, "data": TEXT})
    for name, columns in (("event", "about"), ("event", "kind"), ("noun", "kind owner"), ("noun", "kind about"),
                          ("account", "owner"), ("account", "asset"), ("transfer", "target"), ("entry", "transfer"),
                          ("block", "account"), ("use", "source")):
        op.create_index(f"ix_{name}_{columns.replace(' ', '_')}", name, columns.split())
    pending = sa.text("phase = 'pending'")
    op.create_index("ix_transfer_pending", "transfer", ["source"], sqlite_where=pending, postgresql_where=pending)
    for statement in guards(op.get_bind().dialect.name):
        op.execute(statement)
