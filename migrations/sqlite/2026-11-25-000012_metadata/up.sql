-- 公文种类, 公开属性 with its reason, 保密审查; and which policy files a revision explains.
ALTER TABLE revisions ADD COLUMN genre TEXT;
ALTER TABLE revisions ADD COLUMN openness TEXT NOT NULL DEFAULT 'active';
ALTER TABLE revisions ADD COLUMN openness_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE revisions ADD COLUMN secrecy_reviewer TEXT NOT NULL DEFAULT '';
ALTER TABLE revisions ADD COLUMN secrecy_reviewed_on DATE;
ALTER TABLE revisions ADD COLUMN explains TEXT NOT NULL DEFAULT '[]';

-- The same, to be asked from the other side.
CREATE TABLE revision_explains (
    revision_id BIGINT NOT NULL REFERENCES revisions (id),
    resource_id BIGINT NOT NULL REFERENCES resources (id),
    PRIMARY KEY (revision_id, resource_id)
);
CREATE INDEX revision_explains_resource ON revision_explains (resource_id);
