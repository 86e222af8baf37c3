-- 上一版: how a page was arranged before it went live as it is, and until when. There is none before a page first went live.
ALTER TABLE arrangements ADD COLUMN previous TEXT;
ALTER TABLE arrangements ADD COLUMN previous_until TIMESTAMP;
