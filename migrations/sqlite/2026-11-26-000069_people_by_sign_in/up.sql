-- People in the order in which they last signed in, those who never did at the end either way.
CREATE INDEX users_by_last_sign_in ON users ((signed_in_at IS NULL), signed_in_at DESC, id DESC);
CREATE INDEX users_by_first_sign_in ON users ((signed_in_at IS NULL), signed_in_at, id);
