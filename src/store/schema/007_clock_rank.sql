-- Risk to children orders what is late, so a clock carries its nominal's band. The rank changes wherever a nominal
-- changes, in several folders; kept here, none of them can forget it. It runs inside their apply, so replays agree.
CREATE TRIGGER nominal_band_rank AFTER UPDATE OF band_rank ON nominal WHEN new.band_rank <> old.band_rank
BEGIN
    UPDATE clock SET band_rank = new.band_rank WHERE nominal = new.id AND stopped IS NULL;
END;
