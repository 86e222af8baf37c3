-- Acts across sites are permissions of their own: whoever could push by writing, or take in by reviewing, still can. Roles can be made
-- in the console, by who says what people may do.
INSERT INTO role_permissions (role_id, permission)
    SELECT role_id, 'push' FROM role_permissions WHERE permission = 'write';
INSERT INTO role_permissions (role_id, permission)
    SELECT role_id, 'subscribe' FROM role_permissions WHERE permission = 'review';
INSERT INTO role_permissions (role_id, permission) VALUES (6, 'roles');
