-- Conditions with names. Who belongs to one is asked each time.
CREATE TABLE segment (
    tenant_id  BIGINT NOT NULL,
    id         BIGINT NOT NULL,
    name       TEXT   NOT NULL,
    document   TEXT   NOT NULL, -- JSON of engine::Condition
    revision   BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX segment_name ON segment (tenant_id, name);

-- Points for many at once, and the undoing of that: how far each run came.
CREATE TABLE accrual (
    tenant_id   BIGINT  NOT NULL,
    id          BIGINT  NOT NULL,
    key         TEXT    NOT NULL, -- of whoever asked: the same key is the same run
    audience    TEXT    NOT NULL, -- JSON; the condition as it was at the start
    points      BIGINT  NOT NULL, -- to each
    comment     TEXT,             -- the customer sees it
    expires_at  BIGINT,           -- of the points; none is never
    notify      BOOLEAN NOT NULL,
    undoes      BIGINT,           -- the run that this one undoes
    shortfall   TEXT    NOT NULL, -- JSON: what an undoing does where the points were spent
    state       TEXT    NOT NULL, -- running, paused, cancelled, done
    cursor      BIGINT,           -- the last contact who was seen to
    total       BIGINT  NOT NULL, -- how many they were at the start
    done        BIGINT  NOT NULL,
    refused     BIGINT  NOT NULL,
    moved       BIGINT  NOT NULL, -- points together; negative when taken back
    notified    BIGINT  NOT NULL, -- messages queued
    cause       TEXT    NOT NULL, -- JSON of Cause
    created_at  BIGINT  NOT NULL,
    finished_at BIGINT,
    revision    BIGINT  NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX accrual_key ON accrual (tenant_id, key);
CREATE UNIQUE INDEX accrual_undoes ON accrual (tenant_id, undoes) WHERE undoes IS NOT NULL;
