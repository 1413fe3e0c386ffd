-- A package whose person is eliminated neither vanishes nor goes on asking for action: its holder is told, and closes it.
ALTER TABLE package ADD COLUMN eliminated INTEGER;              -- entry seq of package.eliminated; NULL: the person is not
CREATE INDEX package_eliminated ON package (id) WHERE eliminated IS NOT NULL;
