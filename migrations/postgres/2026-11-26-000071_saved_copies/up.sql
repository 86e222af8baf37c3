-- A working copy that was saved: the resource it became. Its row stays a while, empty, so that what its form still sends is not kept anew.
ALTER TABLE working_copies ADD COLUMN became BIGINT;
