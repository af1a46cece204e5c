"""The tables of the store. What is recorded is never changed or deleted: the database itself refuses (GUARDS)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

META = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s",
                                   "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                                   "fk": "fk_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"})


def _of_event() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["stream", "number"], ["event.stream", "event.number"])


event = Table(
    "event", META,
    Column("stream", Text, primary_key=True), Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False), Column("on_day", Date, nullable=False), Column("at", Text, nullable=False),
    Column("by", Text, nullable=False), Column("about", Text, nullable=False), Column("body", Text, nullable=False),
    Column("key", Text), Column("before", Text, nullable=False), Column("hash", Text, nullable=False),
    UniqueConstraint("key"), Index(None, "about"), Index(None, "kind"),
)
head = Table("head", META, Column("stream", Text, primary_key=True), Column("number", BigInteger, nullable=False),
             Column("hash", Text, nullable=False))
noun = Table(
    "noun", META,
    Column("kind", Text, primary_key=True), Column("id", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False), Column("owner", Text),
    Column("about", Text), Column("body", Text, nullable=False),
    Column("stream", Text, nullable=False), Column("number", BigInteger, nullable=False), _of_event(),
    Index(None, "kind", "owner"), Index(None, "kind", "about"),
)
asset = Table("asset", META, Column("id", Text, primary_key=True), Column("unit", Text, nullable=False),
              Column("digits", Integer, nullable=False), Column("serial", Boolean, nullable=False),
              Column("label", Text))
account = Table(
    "account", META,
    Column("id", Text, primary_key=True), Column("owner", Text, nullable=False),
    Column("asset", Text, ForeignKey("asset.id"), nullable=False), Column("negative", Boolean, nullable=False),
    Column("balance", BigInteger, nullable=False), Column("version", BigInteger, nullable=False), Index(None, "owner"),
    Index(None, "asset"),
)
transfer = Table(
    "transfer", META,
    Column("id", Text, primary_key=True), Column("stream", Text, nullable=False),
    Column("number", BigInteger, nullable=False), Column("asset", Text, nullable=False),
    Column("source", Text, nullable=False), Column("target", Text, nullable=False),
    Column("amount", BigInteger, nullable=False), Column("phase", Text, nullable=False), Column("closes", Text),
    Column("voids", Text), Column("expires", Text), Column("lot", Text), Column("serials", Text),
    Column("on_day", Date, nullable=False), Column("at", Text, nullable=False), _of_event(),
    UniqueConstraint("closes"), UniqueConstraint("voids"), Index(None, "target"),
    Index("ix_transfer_pending", "source", sqlite_where=text("phase = 'pending'"),
          postgresql_where=text("phase = 'pending'")),
)
entry = Table(
    "entry", META,
    Column("account", Text, primary_key=True), Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("transfer", Text, nullable=False), Column("amount", BigInteger, nullable=False),
    Column("after", BigInteger, nullable=False), Column("on_day", Date, nullable=False), Index(None, "transfer"),
)
lot = Table("lot", META, Column("asset", Text, primary_key=True), Column("id", Text, primary_key=True),
            Column("expires", Date), Column("body", Text, nullable=False))
block = Table("block", META, Column("asset", Text, primary_key=True),
              Column("first", BigInteger, primary_key=True, autoincrement=False),
              Column("last", BigInteger, nullable=False), Column("account", Text, nullable=False), Column("lot", Text),
              Index(None, "account"))
use = Table(
    "use", META,
    Column("id", Text, primary_key=True), Column("source", Text, nullable=False), Column("unit", Text, nullable=False),
    Column("start", Date, nullable=False), Column("end", Date, nullable=False),
    Column("low", BigInteger, nullable=False), Column("high", BigInteger, nullable=False),
    Column("instrument", Text, nullable=False), Column("by", Text, nullable=False), Column("decision", Text),
    Column("stream", Text, nullable=False), Column("number", BigInteger, nullable=False), _of_event(),
    Index(None, "source"),
)
contact = Table("contact", META, Column("person", Text, primary_key=True), Column("salt", Text, nullable=False),
                Column("data", Text, nullable=False))
"""Names and addresses of persons: the one table that may be erased; the chain holds their digest only."""

RECORDED = ("event", "noun", "asset", "transfer", "entry", "lot", "use")
"""Tables of which no row is ever changed or deleted."""
FIXED = {"account": ("id", "owner", "asset", "negative")}
"""Columns that never change in tables whose other columns follow from the record; no row of theirs is deleted."""


def guards(dialect: str) -> list[str]:
    """The triggers that refuse a change of what is recorded."""
    made = []
    for table in (*RECORDED, *FIXED):
        for act in ("UPDATE", "DELETE"):
            columns = FIXED.get(table, ()) if act == "UPDATE" else ()
            of, name = (f" OF {', '.join(columns)}" if columns else ""), f"{table}_no_{act.lower()}"
            if dialect == "sqlite":
                made.append(f"CREATE TRIGGER {name} BEFORE {act}{of} ON \"{table}\" BEGIN "
                            f"SELECT RAISE(ABORT, '{table}: what is recorded is never changed'); END")
            else:
                made.append(f"CREATE TRIGGER {name} BEFORE {act}{of} ON \"{table}\" "
                            f"FOR EACH ROW EXECUTE FUNCTION seedbed_refuse()")
        if dialect != "sqlite":
            made.append(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON \"{table}\" "
                        f"FOR EACH STATEMENT EXECUTE FUNCTION seedbed_refuse()")
    if dialect != "sqlite":
        made.insert(0, "CREATE OR REPLACE FUNCTION seedbed_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                       "RAISE EXCEPTION '%: what is recorded is never changed', TG_TABLE_NAME; END $$")
    return made
