DROP TABLE signing_keys;
DROP TABLE sign_on_tokens;
DROP TABLE sign_on_codes;
DROP TABLE application_consents;
DROP TABLE applications;
