-- 停用: a citizen whom staff shut out, since when and why. The reason is told to them and names nobody.
ALTER TABLE citizens ADD COLUMN suspended_at TIMESTAMP;
ALTER TABLE citizens ADD COLUMN suspension_reason TEXT;
