-- Since when a timer is overdue that waits for its channel to be on again; its due_at is the end of time meanwhile.
ALTER TABLE timer ADD COLUMN held_since BIGINT;
