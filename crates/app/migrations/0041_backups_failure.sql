-- Why the last backup was not made; gone with the next one that is.
CREATE TABLE backups_failure (
    tenant_id BIGINT NOT NULL PRIMARY KEY,
    at        BIGINT NOT NULL,
    ru        TEXT   NOT NULL, -- the reason, as people read it
    en        TEXT   NOT NULL,
    told_at   BIGINT NOT NULL  -- when the owners were told of it last
);
