-- People in the order of their names as a Chinese reader expects it: by pinyin. The key is filled in when the program next starts.
ALTER TABLE users ADD COLUMN sort_key TEXT COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX users_sorted ON users (sort_key, id);
