-- People who sign in to the console. In companies they are staff.
-- of the instance: one person may work in several companies
CREATE TABLE user_login (
    id            BIGINT NOT NULL PRIMARY KEY,
    email         TEXT   NOT NULL, -- lower case
    name          TEXT   NOT NULL,
    locale        TEXT   NOT NULL, -- ru, en: the language of the console
    password_hash TEXT,            -- PHC string of Argon2id; none until a password is chosen
    totp_sealed   BYTEA,           -- the shared secret of the second step
    totp_since    BIGINT,          -- since when it is asked for; none while it is being set up
    totp_step     BIGINT NOT NULL DEFAULT 0, -- the last half minute whose code was used: no code opens twice
    recovery      TEXT   NOT NULL DEFAULT '[]', -- JSON: SHA-256 of the recovery codes that are left
    revision      BIGINT NOT NULL,
    created_at    BIGINT NOT NULL
);
CREATE UNIQUE INDEX user_login_email ON user_login (email);

-- Browsers in which somebody is signed in.
-- of the instance: the token is what tells the person
CREATE TABLE user_session (
    id         BIGINT NOT NULL PRIMARY KEY,
    user_id    BIGINT NOT NULL,
    token_hash TEXT   NOT NULL, -- SHA-256 of the token in the cookie
    company_id BIGINT,          -- the company that is looked at
    device     TEXT   NOT NULL, -- browser and system, in words
    address    TEXT   NOT NULL, -- where the last request came from
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL
);
CREATE UNIQUE INDEX user_session_token ON user_session (token_hash);
CREATE INDEX user_session_user ON user_session (user_id, id);

-- Links and tickets that are good once and not for long.
-- of the instance: the token is what tells the person
CREATE TABLE user_link (
    token_hash TEXT   NOT NULL PRIMARY KEY,
    user_id    BIGINT NOT NULL,
    purpose    TEXT   NOT NULL, -- sign_in, reset, second_step
    tries      BIGINT NOT NULL, -- wrong codes so far
    expires_at BIGINT NOT NULL
);
CREATE INDEX user_link_user ON user_link (user_id);

-- Roles that a company makes for itself.
CREATE TABLE staff_role (
    tenant_id  BIGINT NOT NULL,
    id         BIGINT NOT NULL,
    title      TEXT   NOT NULL,
    base       TEXT   NOT NULL, -- access::Role that stands for it wherever rules go by role
    rights     TEXT   NOT NULL, -- names of access::Right, separated by blanks
    revision   BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

ALTER TABLE staff ADD COLUMN user_id BIGINT;
ALTER TABLE staff ADD COLUMN role_id BIGINT; -- a role of the company's own; role is its base then
ALTER TABLE staff ADD COLUMN channels TEXT;  -- JSON list of channel ids; none: all channels
-- Not by tenant: the person is what tells the companies.
CREATE UNIQUE INDEX staff_user ON staff (user_id, tenant_id) WHERE user_id IS NOT NULL;

ALTER TABLE staff_invitation ADD COLUMN role_id BIGINT;
ALTER TABLE staff_invitation ADD COLUMN channels TEXT;
-- Not by tenant: the link is what tells the company.
CREATE INDEX staff_invitation_link ON staff_invitation (secret_hash);

-- What one person did, and what was done to one thing.
CREATE INDEX audit_actor ON audit (tenant_id, actor, id);
CREATE INDEX audit_object ON audit (tenant_id, object, id);
-- Whoever proves that an address is theirs is found in the companies that wrote it down.
CREATE INDEX staff_address ON staff (email) WHERE email <> '';
