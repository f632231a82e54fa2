-- Whom a phone belongs to is asked with the ids in order: without them in the index SQLite walks all contacts instead.
CREATE INDEX contact_phone_id ON contact (tenant_id, phone, id);
DROP INDEX contact_phone;
