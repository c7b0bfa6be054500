"""PostgreSQL: one row of words for the head of each ticket and for each message, kept by triggers.

The words stand in a table of their own, because a ticket changes many times a day without changing
its words, and every new version of a row would be entered into its full-text index again. Triggers
ask for no column in their definition: a later migration may then change the column's type.

Accents are folded by Unicode's own decomposition, which needs no extension and no superuser; words
are kept as they are written (configuration ``simple``), because tickets come in every language.
Marks that join words (``/@.-<&+``) part them, or the parser would make one word of an address and
drop what stands between angle brackets.

A row also carries its hour, its day and its 32 days as words of their own: so the index itself can
be walked newest first (see ``segments.py``). Functions have bodies that are parsed when they are
made, so that a restored dump finds everything without a search path.
"""

from typing import Any

from django.db import migrations

MAKE = r"""
CREATE FUNCTION search_plain(said text) RETURNS text IMMUTABLE PARALLEL SAFE
RETURN translate(
    CASE WHEN octet_length(said) = char_length(said) THEN said
         ELSE regexp_replace(normalize(said, NFKD), '[\u0300-\u036f]', '', 'g') END,
    '/@.-<&+', '       '
);
CREATE FUNCTION search_phrase(said text) RETURNS tsquery IMMUTABLE PARALLEL SAFE
RETURN phraseto_tsquery('pg_catalog.simple'::regconfig, search_plain(said));

CREATE FUNCTION search_prefix(said text) RETURNS tsquery IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN numnode(search_phrase(said)) = 0 THEN ''::tsquery
            ELSE (search_phrase(said)::text || ':*')::tsquery END;

CREATE FUNCTION search_contact(name text, email text, phone text) RETURNS tsvector
IMMUTABLE PARALLEL SAFE
RETURN to_tsvector(
    'pg_catalog.simple'::regconfig,
    search_plain(coalesce(name, '') || ' ' || coalesce(email, '') || ' ' || coalesce(phone, ''))
);

-- No message is too long for it: what stands after the first 100,000 characters is not searched.
CREATE FUNCTION search_words(said text, at timestamptz) RETURNS tsvector STABLE PARALLEL SAFE
RETURN to_tsvector('pg_catalog.simple'::regconfig, search_plain(left(said, 100000)))
    || array_to_tsvector(ARRAY[
        '~' || floor(extract(epoch FROM at) / 3600)::int,
        '~~' || floor(extract(epoch FROM at) / 86400)::int,
        '~~~' || floor(extract(epoch FROM at) / 2764800)::int
    ]);

-- message_id is 0 for the head of a ticket: its subject and its reference.
CREATE TABLE searching_line (
    ticket_id bigint NOT NULL,
    message_id bigint NOT NULL,
    at timestamptz NOT NULL,
    words tsvector NOT NULL,
    PRIMARY KEY (ticket_id, message_id)
);
ALTER TABLE searching_line ALTER words SET STATISTICS 1000;

CREATE FUNCTION search_rebuild() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE searching_line;
    DROP INDEX IF EXISTS searching_line_words;
    INSERT INTO searching_line
        SELECT id, 0, opened_at, search_words(subject || ' ' || reference, opened_at)
        FROM tickets_ticket;
    INSERT INTO searching_line
        SELECT ticket_id, id, at, search_words(body, at)
        FROM tickets_message WHERE kind <> 'automatic';
    -- What was written last waits in a short list, which every search reads: short enough for both.
    CREATE INDEX searching_line_words ON searching_line USING gin (words)
        WITH (gin_pending_list_limit = 1024);
    ANALYZE searching_line;
END $$;

CREATE FUNCTION search_keep_ticket() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO searching_line VALUES
            (NEW.id, 0, NEW.opened_at, search_words(NEW.subject || ' ' || NEW.reference, NEW.opened_at));
    ELSIF TG_OP = 'DELETE' THEN
        DELETE FROM searching_line WHERE ticket_id = OLD.id;
    ELSIF (NEW.subject, NEW.reference, NEW.opened_at)
            IS DISTINCT FROM (OLD.subject, OLD.reference, OLD.opened_at) THEN
        UPDATE searching_line SET at = NEW.opened_at,
            words = search_words(NEW.subject || ' ' || NEW.reference, NEW.opened_at)
        WHERE ticket_id = NEW.id AND message_id = 0;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION search_keep_message() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.ticket_id, NEW.kind, NEW.at, NEW.body)
                IS NOT DISTINCT FROM (OLD.ticket_id, OLD.kind, OLD.at, OLD.body) THEN
            RETURN NULL;
        END IF;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM searching_line WHERE ticket_id = OLD.ticket_id AND message_id = OLD.id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        IF NEW.kind <> 'automatic' THEN
            INSERT INTO searching_line
                VALUES (NEW.ticket_id, NEW.id, NEW.at, search_words(NEW.body, NEW.at));
        END IF;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION search_forget() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE searching_line;
    RETURN NULL;
END $$;

CREATE TRIGGER search_keep AFTER INSERT OR UPDATE OR DELETE ON tickets_ticket
    FOR EACH ROW EXECUTE FUNCTION search_keep_ticket();
CREATE TRIGGER search_keep AFTER INSERT OR UPDATE OR DELETE ON tickets_message
    FOR EACH ROW EXECUTE FUNCTION search_keep_message();
CREATE TRIGGER search_forget AFTER TRUNCATE ON tickets_ticket
    FOR EACH STATEMENT EXECUTE FUNCTION search_forget();

CREATE INDEX searching_contact_words ON people_contact
    USING gin (search_contact(name, email, phone));
SELECT search_rebuild();
"""

UNMAKE = """
DROP INDEX searching_contact_words;
DROP TRIGGER search_keep ON tickets_ticket;
DROP TRIGGER search_forget ON tickets_ticket;
DROP TRIGGER search_keep ON tickets_message;
DROP FUNCTION search_keep_ticket, search_keep_message, search_forget, search_rebuild;
DROP TABLE searching_line;
DROP FUNCTION search_words, search_contact, search_prefix, search_phrase, search_plain;
"""


def make(apps: Any, editor: Any) -> None:
    """SQLite keeps word lists of its own, made by ``word_lists.py``."""
    if editor.connection.vendor == "postgresql":
        editor.execute(MAKE, params=None)


def unmake(apps: Any, editor: Any) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(UNMAKE, params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0002_reply_version"),
        ("people", "0004_mailable_addresses"),
    ]

    operations = [migrations.RunPython(make, unmake)]
