DROP TABLE saved_views;
DROP INDEX resources_catalogue;
DROP INDEX resources_catalogue_site;
ALTER TABLE resources DROP COLUMN written_by;
ALTER TABLE resources DROP COLUMN keywords;
ALTER TABLE resources DROP COLUMN document_number;
ALTER TABLE resources DROP COLUMN title;
