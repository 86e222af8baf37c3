DROP TABLE arrangements;
