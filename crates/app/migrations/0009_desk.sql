-- Messages that people of the company look for: waiting, unsure, failed. Those on the fast path (being sent, sent) are
-- never in it.
CREATE INDEX outbound_desk ON outbound (tenant_id, state, id) WHERE state IN (0, 3, 4);

-- Events that could not be handled.
CREATE INDEX inbound_dead ON inbound (tenant_id, received_at, channel_id, dedup) WHERE state = 3;
