-- The bot behind the till. Whoever writes to a channel of the staff is a contact too, so that there is one flow; such a
-- contact is in no list of customers.
ALTER TABLE contact ADD COLUMN staff_side BOOLEAN NOT NULL DEFAULT FALSE;

-- The bot as its messenger knows it: JSON of connectors::BotIdentity, since it was connected last. Links that open it are
-- made from this.
ALTER TABLE channel ADD COLUMN identity TEXT;

-- Who joined by an invitation may have no address: an empty one, of which there are many.
DROP INDEX staff_email;
CREATE UNIQUE INDEX staff_email ON staff (tenant_id, email) WHERE email <> '';

-- Invitations to work here: a link that is good once.
CREATE TABLE staff_invitation (
    tenant_id   BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    secret_hash TEXT   NOT NULL, -- SHA-256 of the token in the link
    name        TEXT   NOT NULL,
    role        TEXT   NOT NULL, -- access::Role
    staff_id    BIGINT,          -- for somebody who works here already; afterwards whoever came by it
    created_by  TEXT   NOT NULL, -- as in audit.actor
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    state       BIGINT NOT NULL, -- 0 open, 1 used, 2 revoked
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX staff_invitation_secret ON staff_invitation (tenant_id, secret_hash);

-- Who of the staff a contact on the staff's side is.
CREATE TABLE staff_chat (
    tenant_id  BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    staff_id   BIGINT NOT NULL,
    joined_at  BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, contact_id)
);
CREATE INDEX staff_chat_staff ON staff_chat (tenant_id, staff_id);

-- The company's rules for the people at the till; the defaults where there is no row.
CREATE TABLE guard_rules (
    tenant_id  BIGINT NOT NULL PRIMARY KEY,
    rules      TEXT   NOT NULL, -- JSON of guard::Rules
    revision   BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- What somebody did on a day of the business, so far.
CREATE TABLE guard_day (
    tenant_id  BIGINT NOT NULL,
    staff_id   BIGINT NOT NULL,
    day        TEXT   NOT NULL, -- ISO 8601, in the zone of the business
    points     BIGINT NOT NULL, -- accrued and written off, summed up
    operations BIGINT NOT NULL,
    revision   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, staff_id, day)
);

-- The same for one customer: how often somebody accrued to them.
CREATE TABLE guard_customer (
    tenant_id  BIGINT NOT NULL,
    staff_id   BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    day        TEXT   NOT NULL,
    operations BIGINT NOT NULL,
    revision   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, staff_id, contact_id, day)
);

-- What looked odd.
CREATE TABLE guard_alert (
    tenant_id  BIGINT NOT NULL,
    id         BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    staff_id   BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    reason     TEXT   NOT NULL, -- guard::Reason
    points     BIGINT NOT NULL,
    operation  BIGINT NOT NULL, -- ledger_operation.id
    count      BIGINT NOT NULL, -- accruals to this customer on that day, this one included
    told       BOOLEAN NOT NULL, -- the owners were written to
    PRIMARY KEY (tenant_id, id)
);

-- Conversations in which a person of the company is wanted, or talks.
CREATE TABLE conversation_waiting (
    tenant_id   BIGINT NOT NULL,
    channel_id  BIGINT NOT NULL,
    contact_id  BIGINT NOT NULL,
    since       BIGINT NOT NULL,
    reason      TEXT   NOT NULL,
    answered_at BIGINT,          -- when somebody answered last; none while nobody did
    PRIMARY KEY (tenant_id, channel_id, contact_id)
);
CREATE INDEX conversation_waiting_since ON conversation_waiting (tenant_id, since, contact_id);

-- What is said while it is so.
CREATE TABLE conversation_line (
    tenant_id  BIGINT NOT NULL,
    id         BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    author     TEXT   NOT NULL, -- empty for the customer, else as in audit.actor
    text       TEXT   NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX conversation_line_contact ON conversation_line (tenant_id, contact_id, id);
