-- The ratings that version 2 of the ratings service reads. Loaded once, into an empty data folder.
-- The stars differ from those of version 1, so that the page shows which one answered.
CREATE DATABASE bookinfo CHARACTER SET utf8mb4;
USE bookinfo;
CREATE TABLE ratings (
  product_id INT UNSIGNED NOT NULL,
  reviewer VARCHAR(40) NOT NULL,
  stars TINYINT UNSIGNED NOT NULL CHECK (stars BETWEEN 1 AND 5),
  PRIMARY KEY (product_id, reviewer)
);
INSERT INTO ratings (product_id, reviewer, stars) VALUES (0, 'Mara', 4), (0, 'Jonah', 2);
-- A sample's password. The user may read and change stars and nothing else.
FLUSH PRIVILEGES;
CREATE USER 'bookinfo'@'%' IDENTIFIED BY 'bookinfo';
GRANT SELECT, INSERT, UPDATE ON bookinfo.ratings TO 'bookinfo'@'%';
