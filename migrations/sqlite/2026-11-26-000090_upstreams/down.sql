DROP TABLE upstream_requests;
DROP TABLE upstream_rules;
DROP TABLE upstreams;
