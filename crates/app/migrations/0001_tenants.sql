-- A company on this instance.
CREATE TABLE tenant (
    tenant_id  BIGINT NOT NULL PRIMARY KEY,
    key        TEXT   NOT NULL, -- short name for files of set-up and addresses
    name       TEXT   NOT NULL,
    zone       TEXT   NOT NULL, -- IANA name
    locale     TEXT   NOT NULL, -- ru, en
    settings   TEXT   NOT NULL, -- JSON of tenants::Settings
    revision   BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX tenant_key ON tenant (key);

-- Who works for a company.
CREATE TABLE staff (
    tenant_id     BIGINT NOT NULL,
    id            BIGINT NOT NULL,
    email         TEXT   NOT NULL, -- lower case
    name          TEXT   NOT NULL,
    role          TEXT   NOT NULL, -- access::Role
    password_hash TEXT,            -- PHC string of Argon2id; none until a password is chosen
    disabled_at   BIGINT,
    revision      BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX staff_email ON staff (tenant_id, email);

-- Keys to the REST API. The token itself is shown once and never stored.
CREATE TABLE api_key (
    tenant_id    BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    name         TEXT   NOT NULL,
    secret_hash  TEXT   NOT NULL, -- SHA-256 of the token
    scopes       TEXT   NOT NULL, -- names of access::Right, separated by blanks
    created_by   TEXT   NOT NULL, -- as in audit.actor
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT,          -- to the hour
    revoked_at   BIGINT,
    PRIMARY KEY (tenant_id, id)
);
-- Not by tenant: the key is what tells the tenant.
CREATE UNIQUE INDEX api_key_secret ON api_key (secret_hash);

-- What staff, keys and the set-up changed.
CREATE TABLE audit (
    tenant_id BIGINT NOT NULL,
    id        BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    actor     TEXT   NOT NULL, -- stf_…, key_…, setup, system
    action    TEXT   NOT NULL, -- noun.verb
    object    TEXT   NOT NULL, -- the id or key of what was changed
    data      TEXT   NOT NULL, -- JSON: what changed; no secrets, no personal data
    PRIMARY KEY (tenant_id, id)
);
