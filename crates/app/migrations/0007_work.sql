-- Durable work: enqueued in the same unit as the change that needs it.
CREATE TABLE job (
    tenant_id  BIGINT NOT NULL,
    id         BIGINT NOT NULL,
    name       TEXT   NOT NULL, -- Job::NAME
    once       TEXT,            -- a second job of the same name with the same text is not enqueued while this one is open
    payload    TEXT   NOT NULL, -- JSON of the job
    state      BIGINT NOT NULL, -- 0 waiting, 1 running, 2 done, 3 dead
    due_at     BIGINT NOT NULL,
    attempts   BIGINT NOT NULL,
    held_until BIGINT NOT NULL,
    note       TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX job_open ON job (due_at) WHERE state < 2;
CREATE UNIQUE INDEX job_once ON job (tenant_id, name, once) WHERE state < 2;
