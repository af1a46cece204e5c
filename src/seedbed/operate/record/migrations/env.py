"""What alembic runs: the connection is handed over by the store, in its transaction."""

from alembic import context

from seedbed.operate.record.tables import META

context.configure(connection=context.config.attributes["connection"], target_metadata=META,
                  transactional_ddl=True, render_as_batch=False)
with context.begin_transaction():
    context.run_migrations()
