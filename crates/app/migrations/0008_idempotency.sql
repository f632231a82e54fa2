-- What requests with an Idempotency-Key were answered, so that the same request again gets the same answer.
CREATE TABLE http_idempotency (
    tenant_id    BIGINT NOT NULL,
    key          TEXT   NOT NULL, -- the caller's
    request_hash TEXT   NOT NULL, -- of who asks, method, address and body
    status       BIGINT,          -- of the answer; none while the request is being worked on
    body_sealed  BYTEA,           -- the answer, sealed by the vault for row "http_idempotency/<tenant>/<key>"
    claimed_at   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, key)
);
CREATE INDEX http_idempotency_claimed ON http_idempotency (tenant_id, claimed_at);
