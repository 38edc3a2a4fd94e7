DROP TABLE reading, meter;
