-- Which process works on a request that carries an idempotency key: when it is gone, the request may be claimed anew.
ALTER TABLE http_idempotency ADD COLUMN holder TEXT NOT NULL DEFAULT '';
