DROP TABLE arrangement_media;
