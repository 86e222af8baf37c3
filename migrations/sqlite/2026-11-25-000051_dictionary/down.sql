DROP TABLE site_words;
