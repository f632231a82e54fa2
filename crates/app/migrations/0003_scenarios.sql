-- A scenario: what is being written, and which version people get.
CREATE TABLE scenario (
    tenant_id  BIGINT NOT NULL,
    id         BIGINT NOT NULL,
    key        TEXT   NOT NULL, -- short name, unique within the tenant; never changes
    name       TEXT   NOT NULL,
    draft      TEXT   NOT NULL, -- JSON of engine::Draft
    published  BIGINT,          -- the version people start on
    revision   BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX scenario_key ON scenario (tenant_id, key);

-- Published versions; a row is never changed.
CREATE TABLE scenario_version (
    tenant_id    BIGINT NOT NULL,
    scenario_id  BIGINT NOT NULL,
    version      BIGINT NOT NULL, -- 1, 2, …
    source       TEXT   NOT NULL, -- JSON of engine::Draft
    source_hash  TEXT   NOT NULL, -- SHA-256 of the source without its layout
    published_at BIGINT NOT NULL,
    published_by TEXT   NOT NULL, -- as in audit.actor
    PRIMARY KEY (tenant_id, scenario_id, version)
);
