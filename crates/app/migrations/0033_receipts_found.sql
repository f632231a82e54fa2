-- Receipts of a promotion by the reason for which they were refused or wait for a person, the youngest first.
CREATE INDEX receipts_receipt_reason ON receipts_receipt (tenant_id, promotion_id, reason, arrived_at, id)
    WHERE reason <> '';
