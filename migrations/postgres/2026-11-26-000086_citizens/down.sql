DROP TABLE citizen_codes;
DROP TABLE citizen_handovers;
DROP TABLE citizen_visits;
DROP TABLE citizen_sessions;
DROP TABLE citizens;
