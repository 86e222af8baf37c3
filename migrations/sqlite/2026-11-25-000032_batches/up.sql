-- What is done with many resources at once, one after another, and what became of each.
CREATE TABLE batches (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    site_id BIGINT NOT NULL REFERENCES sites (id),
    deed TEXT NOT NULL,
    asked_by BIGINT NOT NULL REFERENCES users (id),
    asked_from TEXT NOT NULL,
    asked_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP,
    -- The batch that this one takes back.
    undoes BIGINT REFERENCES batches (id)
);
CREATE INDEX batches_site ON batches (site_id, id);
CREATE INDEX batches_undoes ON batches (undoes);
CREATE INDEX batches_unfinished ON batches (id) WHERE finished_at IS NULL;

CREATE TABLE batch_items (
    batch_id BIGINT NOT NULL REFERENCES batches (id),
    resource_id BIGINT NOT NULL REFERENCES resources (id),
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    -- Where it was before it was moved.
    channel_before BIGINT,
    PRIMARY KEY (batch_id, resource_id)
);
CREATE INDEX batch_items_state ON batch_items (batch_id, state, resource_id);
CREATE INDEX batch_items_resource ON batch_items (resource_id);
