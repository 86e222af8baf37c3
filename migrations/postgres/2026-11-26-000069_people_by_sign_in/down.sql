DROP INDEX users_by_first_sign_in;
DROP INDEX users_by_last_sign_in;
