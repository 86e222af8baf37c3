DROP TABLE page_views;
DROP TABLE redirects;
DROP TABLE sweeps;
DROP TABLE alarms;
