-- The group (工作组) that the step now waiting is for; nothing: every reviewer of the site.
ALTER TABLE submissions ADD COLUMN group_id BIGINT;
