-- Roles that there were none of before are lost, but for who runs the platform.
DELETE FROM grants WHERE role_id > 5 OR channel_id IS NOT NULL;
ALTER TABLE grants ADD COLUMN role TEXT;
UPDATE grants SET role = CASE role_id WHEN 1 THEN 'editor' WHEN 2 THEN 'reviewer' WHEN 4 THEN 'auditor' ELSE 'administrator' END;
ALTER TABLE grants ALTER COLUMN role SET NOT NULL;
ALTER TABLE grants DROP COLUMN role_id;
ALTER TABLE grants DROP COLUMN until;
ALTER TABLE grants DROP COLUMN channel_id;
DROP TABLE role_permissions;
DROP TABLE roles;
