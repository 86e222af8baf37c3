-- What lists show of a resource stands in its own row, as its latest revision says it: titles are looked for in 100,000 rows at
-- once, and revisions are long. Views are searches of the library that a person has named.
ALTER TABLE resources ADD COLUMN title TEXT NOT NULL DEFAULT '';
ALTER TABLE resources ADD COLUMN document_number TEXT;
ALTER TABLE resources ADD COLUMN keywords TEXT NOT NULL DEFAULT '[]';
ALTER TABLE resources ADD COLUMN written_by BIGINT NOT NULL DEFAULT 0;
UPDATE resources SET (title, document_number, keywords, written_by) =
    (SELECT r.title, r.document_number, r.keywords, r.created_by FROM revisions r WHERE r.id = resources.latest_revision_id)
    WHERE latest_revision_id IS NOT NULL;

-- Everything that is looked for stands in the index, so that no search reads more than it.
CREATE INDEX resources_catalogue ON resources (
    updated_at, id, site_id, channel_id, kind, state, work, written_by, index_number, document_number, keywords, title
);

CREATE TABLE saved_views (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id),
    site_id BIGINT REFERENCES sites (id),
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    saved_at TIMESTAMP NOT NULL
);
CREATE INDEX saved_views_user ON saved_views (user_id, site_id, name);
