DROP TABLE calendar_years;
DROP TABLE subscriptions;
DROP TABLE channels;
DROP TABLE themes;
DROP TABLE site_hosts;
DROP TABLE sites;
DROP TABLE agencies;
