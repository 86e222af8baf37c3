ALTER TABLE sessions DROP COLUMN proven_at;
DROP TABLE passkey_challenges;
DROP TABLE begun_sign_ins;
DROP TABLE recovery_codes;
DROP TABLE second_factors;
