ALTER TABLE citizens DROP COLUMN suspension_reason;
ALTER TABLE citizens DROP COLUMN suspended_at;
