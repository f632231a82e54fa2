-- What the dashboard counts by time, read from indexes alone.
CREATE INDEX contact_came ON contact (tenant_id, created_at, registered_at, staff_side) WHERE staff_side = FALSE;
CREATE INDEX contact_source ON contact (tenant_id, source, registered_at) WHERE staff_side = FALSE AND source IS NOT NULL;
CREATE INDEX contact_stopped ON contact (tenant_id, stopped_at) WHERE stopped_at IS NOT NULL;
CREATE INDEX identity_blocked ON identity (tenant_id, blocked_at) WHERE blocked_at IS NOT NULL;
CREATE INDEX loyalty_purchase_at ON loyalty_purchase (tenant_id, at, sum_minor, refunded_minor);
-- In the place of one that led to the rows.
CREATE INDEX ledger_operation_flow ON ledger_operation (tenant_id, at, id, kind, points, account_id);
DROP INDEX ledger_operation_at;

-- When a channel was written to last.
CREATE INDEX inbound_latest ON inbound (tenant_id, channel_id, received_at);

-- Links that open a bot and tell where people came from: contact.source is the tag.
CREATE TABLE channels_entry (
    tenant_id  BIGINT NOT NULL,
    tag        TEXT   NOT NULL,
    channel_id BIGINT NOT NULL,
    title      TEXT   NOT NULL, -- for staff: where the link or the QR stands
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, tag)
);
CREATE INDEX channels_entry_channel ON channels_entry (tenant_id, channel_id, created_at);
