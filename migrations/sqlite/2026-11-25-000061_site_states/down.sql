DROP TABLE site_states;
