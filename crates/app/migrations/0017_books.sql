-- A large file lies in pieces, so that it is never in memory as a whole; its row of file has no bytes of its own.
ALTER TABLE file ADD COLUMN size BIGINT; -- of all pieces; none: the bytes are in the row
ALTER TABLE file ADD COLUMN expires_at BIGINT; -- then it is removed; none is never

CREATE TABLE file_piece (
    tenant_id BIGINT NOT NULL,
    file_id   BIGINT NOT NULL,
    number    BIGINT NOT NULL, -- in order; numbers may be missing
    bytes     BYTEA  NOT NULL,
    PRIMARY KEY (tenant_id, file_id, number)
);

-- Operations by time: exports and reports read them so.
CREATE INDEX ledger_operation_at ON ledger_operation (tenant_id, at, id);

-- A table of the company's data as a file, made bit by bit.
CREATE TABLE exports_run (
    tenant_id   BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    what        TEXT   NOT NULL, -- exports::What
    format      TEXT   NOT NULL, -- xlsx, csv
    options     TEXT   NOT NULL, -- JSON: language, personal data in full, chat, term
    state       TEXT   NOT NULL, -- waiting, running, done, failed, cancelled
    progress    TEXT   NOT NULL, -- JSON: where the work stands
    rows_done   BIGINT NOT NULL,
    rows_total  BIGINT,          -- none until they are counted
    file_id     BIGINT NOT NULL, -- its pieces; there is a row of file when it is done
    file_name   TEXT   NOT NULL,
    size        BIGINT,          -- of the file
    note        TEXT,            -- why it failed
    created_by  TEXT   NOT NULL, -- as in audit.actor
    created_at  BIGINT NOT NULL,
    finished_at BIGINT,
    expires_at  BIGINT,
    revision    BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX exports_run_open ON exports_run (tenant_id, id) WHERE state IN ('waiting', 'running');

-- A file of contacts with balances on its way in.
CREATE TABLE imports_run (
    tenant_id   BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    file_name   TEXT   NOT NULL,
    file_hash   TEXT   NOT NULL, -- SHA-256 of the file
    header      TEXT   NOT NULL, -- JSON: the titles of the columns
    mapping     TEXT   NOT NULL, -- JSON: what each column is
    state       TEXT   NOT NULL, -- draft, running, done, failed, cancelled
    rows_total  BIGINT NOT NULL,
    chunks      BIGINT NOT NULL, -- rows of imports_chunk
    chunk       BIGINT NOT NULL, -- the next to be done
    created     BIGINT NOT NULL, -- contacts
    changed     BIGINT NOT NULL,
    unchanged   BIGINT NOT NULL,
    bad         BIGINT NOT NULL, -- rows that were not taken
    points      BIGINT NOT NULL, -- posted as opening balances
    note        TEXT,            -- why it failed
    created_by  TEXT   NOT NULL, -- as in audit.actor
    created_at  BIGINT NOT NULL,
    started_at  BIGINT,
    finished_at BIGINT,
    expires_at  BIGINT NOT NULL, -- then its rows are removed
    revision    BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- The rows of the file as they were read.
CREATE TABLE imports_chunk (
    tenant_id BIGINT NOT NULL,
    import_id BIGINT NOT NULL,
    number    BIGINT NOT NULL,
    rows      TEXT   NOT NULL, -- JSON: row numbers and cells
    PRIMARY KEY (tenant_id, import_id, number)
);

-- Who was met in an import: a person stands in a file once.
CREATE TABLE imports_seen (
    tenant_id BIGINT NOT NULL,
    import_id BIGINT NOT NULL,
    who       TEXT   NOT NULL,
    line      BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, import_id, who)
);

-- Rows that were not taken, and why.
CREATE TABLE imports_bad (
    tenant_id BIGINT NOT NULL,
    import_id BIGINT NOT NULL,
    line      BIGINT NOT NULL, -- of the file, from 1
    place     BIGINT NOT NULL, -- of the problem within the row
    title     TEXT   NOT NULL, -- of the column
    value     TEXT   NOT NULL, -- as it stands in the file
    code      TEXT   NOT NULL,
    ru        TEXT   NOT NULL,
    en        TEXT   NOT NULL,
    PRIMARY KEY (tenant_id, import_id, line, place)
);

-- What another program calls a contact.
CREATE TABLE imports_key (
    tenant_id  BIGINT NOT NULL,
    key        TEXT   NOT NULL,
    contact_id BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, key)
);
CREATE INDEX imports_key_contact ON imports_key (tenant_id, contact_id);
