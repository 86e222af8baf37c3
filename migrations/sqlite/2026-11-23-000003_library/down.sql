DROP TABLE imports;
DROP TABLE index_serials;
DROP TABLE reviews;
DROP TABLE submissions;
DROP TABLE placements;
DROP TABLE revisions;
DROP TABLE resources;
