-- A broadcast may go to those who register from its start on, instead of to those who are there.
ALTER TABLE broadcasts_run ADD COLUMN newcomers TEXT; -- JSON: until when; none: to those who are there

-- Asked at every registration.
CREATE INDEX broadcasts_standing ON broadcasts_run (tenant_id, id) WHERE newcomers IS NOT NULL AND finished_at IS NULL;
