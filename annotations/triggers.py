"""Triggers that make evidence append-only, for migrations on both databases."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from annotations import locking

VERBS = ("UPDATE", "DELETE")

# Only names of our own tables are put into these texts; no value ever is.
SQLITE = (
    "CREATE TRIGGER {table}_no_{name} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
)
POSTGRESQL = (
    "CREATE TRIGGER {table}_no_{name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION consilium_refuse()"
)
FUNCTION = (
    "CREATE OR REPLACE FUNCTION consilium_refuse() RETURNS trigger AS $$ "
    "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$ LANGUAGE plpgsql"
)


def create_statements(tables: Sequence[str]) -> Iterator[str]:
    """Yield what puts the triggers on the tables."""
    has_functions = locking.has_row_functions()
    if has_functions:
        yield FUNCTION
    template = POSTGRESQL if has_functions else SQLITE
    for table in tables:
        for verb in VERBS:
            yield template.format(table=table, verb=verb, name=verb.lower())


def drop_statements(tables: Sequence[str]) -> Iterator[str]:
    """Yield what takes the triggers off the tables."""
    suffix = " ON {table}" if locking.has_row_functions() else ""
    for table in tables:
        for verb in VERBS:
            yield f"DROP TRIGGER IF EXISTS {table}_no_{verb.lower()}{suffix.format(table=table)}"


def creator(tables: Sequence[str]) -> Callable[[Any, Any], None]:
    """Return the step of a migration that puts the triggers on the tables."""

    def create(apps: Any, schema_editor: Any) -> None:
        for statement in create_statements(tables):
            schema_editor.execute(statement, params=None)

    return create


def dropper(tables: Sequence[str]) -> Callable[[Any, Any], None]:
    """Return the step of a migration that takes the triggers off again."""

    def drop(apps: Any, schema_editor: Any) -> None:
        for statement in drop_statements(tables):
            schema_editor.execute(statement, params=None)

    return drop
