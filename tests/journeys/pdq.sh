#!/usr/bin/env bash
# pdq.sh: the hashes of made pictures and videos, from the command line; what cannot be read is named.
. "$(dirname "$0")/journey.bash"
need node

seeds=$MUSTER_SOURCE/tests/fuzz/seeds
cp "$seeds/fuzz_decoder_picture/png" a.txt                   # names say nothing
cp "$seeds/fuzz_decoder_picture/png-interlaced" b.png
cp "$seeds/fuzz_decoder_video/mp4" c.mp4
head -c 300 a.txt > cut.png
printf 'just words\n' > words.jpg

check "pictures are hashed, whatever they are called" m pdq a.txt b.png
same "a line each: hash, quality, path" "$(sed -E 's/^[0-9a-f]{64}\t[0-9]+\t//' out)" "$(printf 'a.txt\nb.png')"
same "one picture has one hash" "$(cut -f1 out | uniq | wc -l)" 1
check "all eight turns are given when asked" m pdq --dihedral a.txt
same "a line each" "$(wc -l < out)" 8
check "a video is hashed second by second" m pdq c.mp4
same "with frame and time" "$(cut -f3- out)" "$(printf 'c.mp4\t0\t0.000')"
check "every frame is hashed when asked" m pdq --every-frame c.mp4
same "a line each" "$(wc -l < out)" 4
exits "what cannot be read makes the answer no" 1 m pdq cut.png a.txt words.jpg none.png
says "a broken file is named" "cut.png: The PNG is broken."
says "another kind is named" "words.jpg: This is no kind of picture"
says "a missing one is named" "none.png: There is no such file."
same "and the others are hashed" "$(grep -c 'a.txt$' out)" 1
exits "as JSON too" 1 m --json pdq a.txt cut.png
same "with states" "$(node -p 'JSON.parse(require("fs").readFileSync("out")).map(f => f.state).join()')" ok,unreadable
finish
