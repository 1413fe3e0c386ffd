# check.awk: the rules of tools/check over C sources. Prints one breach a line, "RULE<tab>FILE:LINE: what is
# wrong", and "long<tab>LINES<tab>FILE:LINE name" for functions and files. Paths are relative to the tree.

BEGIN {
    count = split("base engine decoder reader store ledger access clock intake match link attribute risk dispatch operate" \
                  " safeguard figures triage simulate flow web cli", order, " ")
    for (i = 1; i <= count; i++)
        rank[order[i]] = i

    # One door per library: the folders that may include a header whose name starts so.
    door["archive"]     = "reader"
    door["cmocka.h"]    = "base"
    door["gif_lib.h"]   = "decoder"
    door["jansson.h"]   = "base"
    door["jpeglib.h"]   = "decoder"
    door["libavcodec/"] = "decoder"
    door["libavformat/"] = "decoder"
    door["libavutil/"]  = "decoder"
    door["libheif/"]    = "decoder"
    door["libpq"]       = "store"
    door["libswscale/"] = "decoder"
    door["libtsk.h"]    = "reader"
    door["tsk/"]        = "reader"
    door["libewf"]      = "reader"
    door["libxml/"]     = "base"
    door["maxminddb.h"] = "attribute"
    door["microhttpd.h"] = "web"
    door["openssl/"]    = "base engine"
    door["png.h"]       = "decoder"
    door["seccomp.h"]   = "decoder reader"
    door["tiffio.h"]    = "decoder"
    door["unicode/"]    = "base"
    door["webp/"]       = "decoder"
    door["sodium.h"]    = "base access ledger"
    door["sqlite3.h"]   = "store"
    door["yajl/"]       = "base engine match"

    words("strcpy strcat sprintf vsprintf strtok atoi atol gets alloca localtime gmtime localtime_r gmtime_r", banned)
    words("malloc calloc realloc free strdup strndup asprintf vasprintf", allocating)
}

function words(text, set,    list, i, n) {
    n = split(text, list, " ")
    for (i = 1; i <= n; i++)
        set[list[i]] = 1
}

function breach(rule, what) {
    printf "%s\t%s:%d: %s\n", rule, file, FNR, what
}

function begin_file(    parts) {
    file = FILENAME
    sub(/^\.\//, "", file)
    folder = ""
    if (split(file, parts, "/") > 2 && parts[1] == "src")
        folder = parts[2]
    is_test = file ~ /_test\.c$/ || file ~ /testing\.h$/ || file ~ /^tests\// || file == "src/base/test.h"
    is_bench = file ~ /_bench\.c$/ || file ~ /^tests\/bench\//
    is_tool = file ~ /^tools\//
    in_comment = in_string = 0
    signature = ""
    opened = 0
}

# Splits a line into code (strings and characters emptied, comments gone) and its string literals. Comments
# may run on over lines.
function split_line(text,    at, token, rest) {
    code = ""
    literals = 0
    while (text != "") {
        if (in_comment) {
            at = index(text, "*/")
            if (!at)
                return
            text = substr(text, at + 2)
            in_comment = 0
            continue
        }
        if (!match(text, /\/\*|\/\/|"|'/)) {
            code = code text
            return
        }
        token = substr(text, RSTART, RLENGTH)
        code = code substr(text, 1, RSTART - 1)
        rest = substr(text, RSTART + RLENGTH)
        if (token == "//")
            return
        if (token == "/*") {
            in_comment = 1
            text = rest
            continue
        }
        if (token == "\"")
            match(rest, /^([^"\\]|\\.)*"/)
        else
            match(rest, /^([^'\\]|\\.)*'/)
        if (RSTART == 0) {
            code = code token          # an apostrophe in #error text, or a digit separator
            text = rest
            continue
        }
        if (token == "\"")
            literal[++literals] = substr(rest, 1, RLENGTH - 1)
        code = code token token
        text = substr(rest, RLENGTH + 1)
    }
}

function check_include(    name, target, prefix) {
    if ($0 !~ /^[ \t]*#[ \t]*include/)
        return
    if (match($0, /"[^"]+"/)) {
        name = substr($0, RSTART + 1, RLENGTH - 2)
        target = name
        sub(/\/.*/, "", target)
        if (name == "base/test.h" && !is_test)
            breach("layering", "only tests include base/test.h")
        if (folder != "" && name ~ /\// && !(target in rank))
            breach("layering", "\"" name "\" is in no known folder")
        else if (folder != "" && (target in rank) && rank[target] > rank[folder])
            breach("layering", folder " may not use " target ", which comes after it")
        else if (folder == "cli" && target == "web")
            breach("layering", "cli and web never use each other")
    } else if (match($0, /<[^>]+>/) && !is_bench) {
        name = substr($0, RSTART + 1, RLENGTH - 2)
        for (prefix in door)
            if (index(name, prefix) == 1 && !(index(" " door[prefix] " ", " " folder " ") && folder != ""))
                breach("one-door", "<" name "> is for " door[prefix] " only")
    }
}

# A table keeps one row to a line, so its rows, and the headings above them, may run wider.
function limit_columns(line) {
    if (line ~ /^[ \t]*\{.*\},?[ \t]*(\/\*.*\*\/)?$/ || line ~ /^[ \t]*\/\*.*[^ ]   +[^ ].*\*\/$/)
        return 140
    return 110
}

function check_calls(    text, name, before) {
    text = code
    while (match(text, /[A-Za-z_][A-Za-z0-9_]*[ \t]*\(/)) {
        name = substr(text, RSTART, RLENGTH - 1)
        sub(/[ \t]+$/, "", name)
        before = RSTART > 1 ? substr(text, RSTART - 1, 1) : " "
        if (before != "." && before != ">") {
            if (name in banned)
                breach("banned-calls", name " is banned (base/banned.h says what to use)")
            if ((name in allocating) && folder != "base" && !is_test && !is_bench && !is_tool)
                breach("banned-calls", name " outside base: use an arena")
        }
        text = substr(text, RSTART + RLENGTH)
    }
}

function check_sql(    i) {
    if (is_test || is_bench || is_tool || folder == "store" || file ~ /_sql\.[ch]$/)
        return
    for (i = 1; i <= literals; i++)
        if (literal[i] ~ /^[ \t]*(SELECT|INSERT|UPDATE|DELETE|CREATE|PRAGMA|DROP|ALTER|REPLACE INTO|WITH RECURSIVE) /)
            breach("stray-sql", "SQL belongs in " folder "_sql.c")
    if (code ~ /(^|[^A-Za-z0-9_])Sql[ \t]+[A-Za-z_][A-Za-z0-9_]*[ \t]*(\[[^]]*\])?[ \t]*=/ ||
        code ~ /\([ \t]*(const[ \t]+)?Sql[ \t]*(\[[^]]*\])?[ \t]*\)[ \t]*\{/ ||
        code ~ /(^|[^A-Za-z0-9_])Sql[ \t]+[A-Za-z_][A-Za-z0-9_]*[ \t]*;/)
        breach("stray-sql", "an Sql is made only in a _sql.c")
}

# Functions as this tree writes them: a signature that starts in the first column, then a brace there.
function measure() {
    if (code ~ /^[A-Za-z_].*\(/ || (signature == "" && code ~ /^[A-Za-z_]/))
        signature = code
    if (code ~ /^\{/) {
        opened = FNR
        name = signature
        sub(/[ \t]*\(.*/, "", name)
        sub(/.*[ *]/, "", name)
    } else if (code ~ /^\}/ && opened) {
        printf "long-function\t%d\t%s:%d %s\n", FNR - opened - 1, file, opened, name
        opened = 0
        signature = ""
    }
}

FNR == 1 {
    if (file != "" && file ~ /^src\//)
        printf "long-file\t%d\t%s\n", last, file
    begin_file()
}

{
    last = FNR
    wide = $0
    gsub(/[\200-\277]/, "", wide)        # the later bytes of a UTF-8 character
    if (length(wide) > limit_columns(wide))
        breach("line-length", length(wide) " columns; " limit_columns(wide) " is the limit")
    was_comment = in_comment
    split_line($0)
    if (!was_comment)
        check_include()
    check_calls()
    check_sql()
    if (file ~ /^src\/.*\.c$/ && !is_test)
        measure()
}

END {
    if (file ~ /^src\//)
        printf "long-file\t%d\t%s\n", last, file
}
