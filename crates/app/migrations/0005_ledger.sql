-- A contact's account in the ledger. The four columns of sums are caches of what follows.
CREATE TABLE ledger_wallet (
    tenant_id  BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    code       TEXT   NOT NULL, -- which of the contact's wallets: points
    account_id BIGINT NOT NULL,
    balance    BIGINT NOT NULL, -- remaining in all lots, less the debt
    held       BIGINT NOT NULL, -- of these in open holds
    debt       BIGINT NOT NULL, -- owed after a claw-back that found too little
    revision   BIGINT NOT NULL, -- guards wallet, lots and holds together
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, contact_id, code)
);
CREATE UNIQUE INDEX ledger_wallet_account ON ledger_wallet (tenant_id, account_id);

-- Points that were earned together and expire together.
CREATE TABLE ledger_lot (
    tenant_id  BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    id         BIGINT NOT NULL,
    points     BIGINT NOT NULL, -- earned
    remaining  BIGINT NOT NULL, -- not yet gone, held ones included
    held       BIGINT NOT NULL,
    expired    BIGINT NOT NULL, -- gone because their time was over
    earned_at  BIGINT NOT NULL,
    expires_at BIGINT,          -- none is never
    PRIMARY KEY (tenant_id, account_id, id)
);
CREATE INDEX ledger_lot_due ON ledger_lot (tenant_id, expires_at) WHERE expires_at IS NOT NULL AND remaining > held;

-- Points set aside until captured or released.
CREATE TABLE ledger_hold (
    tenant_id  BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    id         BIGINT NOT NULL,
    points     BIGINT NOT NULL,
    parts      TEXT   NOT NULL, -- JSON: how many of which lot
    state      TEXT   NOT NULL, -- open, captured, released
    made_at    BIGINT NOT NULL,
    expires_at BIGINT,          -- released by itself then; none is never
    PRIMARY KEY (tenant_id, account_id, id)
);
CREATE INDEX ledger_hold_due ON ledger_hold (tenant_id, expires_at) WHERE expires_at IS NOT NULL AND state = 'open';

-- What was asked of the ledger, once for each key; never changed. History for people is read from here.
CREATE TABLE ledger_operation (
    tenant_id  BIGINT NOT NULL,
    key        TEXT   NOT NULL, -- made by the caller: the same key is the same operation
    id         BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    kind       TEXT   NOT NULL, -- welcome, grant, spend, expire, ...
    points     BIGINT NOT NULL, -- by how much the balance changed
    balance    BIGINT NOT NULL, -- afterwards
    subject    BIGINT,          -- the lot or hold that it made or closed
    note       TEXT,            -- in the words of whoever asked
    cause      TEXT   NOT NULL, -- JSON of Cause
    digest     TEXT   NOT NULL, -- of the content: the same key with another content is refused
    at         BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, key)
);
CREATE INDEX ledger_operation_account ON ledger_operation (tenant_id, account_id, id);

-- Points move from one account to another; never changed. Accounts 1 to 4 are the system's: issued, redeemed,
-- expired, adjusted. A wallet's balance is its credits less its debits.
CREATE TABLE ledger_posting (
    tenant_id BIGINT NOT NULL,
    id        BIGINT NOT NULL,
    operation TEXT   NOT NULL, -- ledger_operation.key
    kind      TEXT   NOT NULL, -- earn, spend, deduct, capture, expire, reverse, repay
    debit     BIGINT NOT NULL, -- the account that points leave
    credit    BIGINT NOT NULL, -- the account that they reach
    points    BIGINT NOT NULL, -- more than zero
    lot_id    BIGINT,          -- none: it is the debt that grows or shrinks
    reverses  BIGINT,          -- the posting that this one undoes
    at        BIGINT NOT NULL, -- when it takes effect
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX ledger_posting_debit ON ledger_posting (tenant_id, debit, id) WHERE debit > 4;
CREATE INDEX ledger_posting_credit ON ledger_posting (tenant_id, credit, id) WHERE credit > 4;
