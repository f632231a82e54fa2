-- What waits is read by channel, class and bucket: what is behind a channel that is switched off or full is passed over
-- by one step, and answers are found before a million messages to many.
DROP INDEX outbound_open;
CREATE INDEX outbound_open ON outbound (state, channel_id, class, bucket, due_at) WHERE state < 2;
