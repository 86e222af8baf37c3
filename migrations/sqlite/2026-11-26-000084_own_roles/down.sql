DELETE FROM role_permissions WHERE permission IN ('push', 'subscribe', 'roles');
