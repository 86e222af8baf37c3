-- Roles are rows: named sets of permissions, held on a site, in a channel and all below it, or on the platform, some until a given time.
CREATE TABLE roles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    word TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    note TEXT NOT NULL,
    duty TEXT NOT NULL
);

CREATE TABLE role_permissions (
    role_id BIGINT NOT NULL REFERENCES roles (id),
    permission TEXT NOT NULL,
    PRIMARY KEY (role_id, permission)
);

-- Those that come with the platform; what is made here is numbered from 101 on.
INSERT INTO roles (id, word, name, note, duty) VALUES
    (1, 'editor', '编辑', '撰写、送审稿件', 'business'),
    (2, 'reviewer', '审核员', '审核稿件、安排发布时间', 'business'),
    (3, 'administrator', '站点管理员', '管理站点的内容、栏目和人员', 'business'),
    (4, 'auditor', '审计管理员', '只查看审计日志，不兼任其他角色', 'audit'),
    (5, 'system', '系统管理员', '管理平台和全部站点，可建站、紧急下架，不管理人员', 'system'),
    (6, 'security', '安全管理员', '管理账号和授权，不兼任其他角色', 'security');
INSERT INTO roles (id, word, name, note, duty) VALUES (100, '-', '-', '', 'business');
DELETE FROM roles WHERE id = 100;

INSERT INTO role_permissions (role_id, permission) VALUES
    (1, 'read'), (1, 'write'),
    (2, 'read'), (2, 'review'), (2, 'schedule'),
    (3, 'read'), (3, 'write'), (3, 'review'), (3, 'withdraw'), (3, 'schedule'),
    (3, 'announce'), (3, 'arrange'), (3, 'staff'), (3, 'emergency'), (3, 'operate'),
    (4, 'audit'),
    (5, 'read'), (5, 'write'), (5, 'review'), (5, 'withdraw'), (5, 'schedule'),
    (5, 'announce'), (5, 'arrange'), (5, 'emergency'), (5, 'operate'), (5, 'takedown'), (5, 'found'),
    (6, 'staff');

CREATE TABLE grants_by_number (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id),
    role_id BIGINT NOT NULL REFERENCES roles (id),
    site_id BIGINT REFERENCES sites (id),
    channel_id BIGINT REFERENCES channels (id),
    until TIMESTAMP
);
-- Who ran the platform runs it still; who says what people may do is another person now, appointed on the server.
INSERT INTO grants_by_number (id, user_id, role_id, site_id)
    SELECT g.id, g.user_id, CASE WHEN g.role = 'administrator' AND g.site_id IS NULL THEN 5 ELSE r.id END, g.site_id
    FROM grants g JOIN roles r ON r.word = g.role;
DROP TABLE grants;
ALTER TABLE grants_by_number RENAME TO grants;
CREATE INDEX grants_user ON grants (user_id);
CREATE INDEX grants_site ON grants (site_id, user_id);
