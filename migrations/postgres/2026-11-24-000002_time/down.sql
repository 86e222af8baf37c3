DROP TABLE pins;
DROP TABLE schedules;
DROP TABLE notices;
