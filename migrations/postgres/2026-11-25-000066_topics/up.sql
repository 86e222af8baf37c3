-- 专题: a channel whose front page is arranged of blocks; the template of the theme it was opened from, empty for other channels.
ALTER TABLE channels ADD COLUMN topic TEXT NOT NULL DEFAULT '';
