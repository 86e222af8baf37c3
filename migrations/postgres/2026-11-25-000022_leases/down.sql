DROP TABLE edit_leases;
