DROP TABLE receipt_pages;
DROP TABLE publications;
DROP TABLE page_keys;
DROP TABLE pages;
