DROP INDEX users_sorted;
ALTER TABLE users DROP COLUMN sort_key;
