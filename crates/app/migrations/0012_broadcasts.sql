-- A message to many.
CREATE TABLE broadcasts_run (
    tenant_id   BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    name        TEXT   NOT NULL, -- for staff
    content     TEXT   NOT NULL, -- JSON: text, picture, buttons
    audience    TEXT   NOT NULL, -- JSON of segments::Audience
    purpose     TEXT,            -- only those with a consent to it
    state       TEXT   NOT NULL, -- draft, planned, running, paused, done, stopped
    starts_at   BIGINT,          -- none: when it is started
    progress    TEXT   NOT NULL, -- JSON: how far the audience was walked, and who was passed over
    created_by  TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    started_at  BIGINT,
    finished_at BIGINT,
    revision    BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- To whom it goes: nobody twice.
CREATE TABLE broadcasts_message (
    tenant_id    BIGINT NOT NULL,
    broadcast_id BIGINT NOT NULL,
    contact_id   BIGINT NOT NULL,
    outbound_id  BIGINT NOT NULL, -- its last part
    PRIMARY KEY (tenant_id, broadcast_id, contact_id)
);
