/* The table of who may do what, as people read it, is the one the program uses. */
#include "access/permissions.h"
#include "base/test.h"
#include "base/source.h"

static const char *cell(Reach r)
{
    switch (r) {
    case REACH_NONE: return " |";
    case REACH_OWN:  return " own |";
    case REACH_ALL:  return " all |";
    }
    return "?";
}

/* "| `package.read` | Packages |" and then one cell for each role. */
static bool row_written(Arena *mem, Str doc, Permission p)
{
    const char *start = str_fmt(mem, "\n| `%s` | ", permission_name(p));
    const char *at = memmem(doc.at, doc.len, start, strlen(start));
    if (!at)
        return false;
    const char *line = at + strlen(start), *end = strchr(line, '\n'), *cells = strchr(line, '|');
    StrBuf want = { .mem = mem };
    buf_char(&want, '|');
    for (Role r = ROLE_NONE + 1; r < ROLE__COUNT; r++)
        buf_add(&want, cell(permission_reach(r, p)));
    return end && cells && cells < end &&
           str_eq((Str){ cells, (size_t)(end - cells) }, str_of(buf_text(&want)));
}

TEST(the_document_and_the_table_agree)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    Str doc;
    size_t rows = 0;
    CHECK_OK(file_read(&mem, "docs/permissions.md", 1 << 20, &doc, &err), &err);
    for (Permission p = PERM_UNSET + 1; p < PERM__COUNT; p++) {
        if (!row_written(&mem, doc, p))
            print_error("docs/permissions.md: %s\n", permission_name(p));
        CHECK(row_written(&mem, doc, p));
    }
    for (const char *at = doc.at; (at = strstr(at, "\n| `")); at++)
        rows++;
    CHECK_INT(rows, PERM__COUNT - 1);
    StrBuf header = { .mem = &mem };
    buf_add(&header, "| Permission | What it opens |");
    for (Role r = ROLE_NONE + 1; r < ROLE__COUNT; r++)
        buf_fmt(&header, " %s |", role_name(r));
    CHECK(strstr(doc.at, buf_text(&header)) != NULL);
}

TEST(every_cell_is_filled_and_a_forgotten_one_closes_the_door)
{
    for (Permission p = PERM_UNSET + 1; p < PERM__COUNT; p++)
        CHECK(permission_name(p) && permission_reach(ROLE_COORDINATOR, p) == REACH_ALL);
    for (Role r = ROLE_NONE; r <= ROLE__COUNT; r++) {
        CHECK_INT(permission_reach(r, PERM_UNSET), REACH_NONE);
        CHECK_INT(permission_reach(r, PERM__COUNT), REACH_NONE);
    }
    for (Permission p = PERM_UNSET; p < PERM__COUNT; p++)
        CHECK_INT(permission_reach(ROLE_NONE, p), p == PERM_PUBLIC ? REACH_ALL : REACH_NONE);
}

/* The rules a reviewer would ask about first. */
TEST(duties_are_kept_apart)
{
    static const struct { Role role; Permission p; Reach want; } cases[] = {
        { ROLE_RESEARCHER,           PERM_PACKAGE_BUILD,   REACH_ALL  },
        { ROLE_RESEARCHER,           PERM_PACKAGE_SEND,    REACH_NONE },
        { ROLE_FORCE_OFFICER,        PERM_NOMINAL_READ,    REACH_OWN  },
        { ROLE_FORCE_OFFICER,        PERM_BAND_SECOND,     REACH_NONE },
        { ROLE_FORCE_SUPERVISOR,     PERM_BAND_SECOND,     REACH_OWN  },
        { ROLE_FORCE_SUPERVISOR,     PERM_CLOCK_PAUSE,     REACH_OWN  },
        { ROLE_EXAMINER,             PERM_NOMINAL_READ,    REACH_NONE },
        { ROLE_EXAMINER,             PERM_HASHSET_MANAGE,  REACH_ALL  },
        { ROLE_SAFEGUARDING_PARTNER, PERM_CHILD_DECIDE,    REACH_OWN  },
        { ROLE_SAFEGUARDING_PARTNER, PERM_NOMINAL_READ,    REACH_NONE },
        { ROLE_PRESS_OFFICER,        PERM_FIGURES_READ,    REACH_ALL  },
        { ROLE_PRESS_OFFICER,        PERM_FIGURES_DRILL,   REACH_NONE },
        { ROLE_AUDITOR,              PERM_LEDGER_READ,     REACH_ALL  },
        { ROLE_ADMINISTRATOR,        PERM_PEOPLE_MANAGE,   REACH_ALL  },
        { ROLE_ADMINISTRATOR,        PERM_NOMINAL_READ,    REACH_NONE },
        { ROLE_ADMINISTRATOR,        PERM_OPERATION_OPEN,  REACH_NONE },
    };
    FOR_EACH(c, cases)
        CHECK_INT(permission_reach(c->role, c->p), c->want);
    static const Permission changing[] = {
        PERM_NOMINAL_DECIDE, PERM_BAND_SECOND,     PERM_INTAKE_IMPORT, PERM_PACKAGE_BUILD,
        PERM_PACKAGE_SEND,   PERM_PACKAGE_ANSWER,  PERM_ACTION_RECORD, PERM_CHILD_DECIDE,
        PERM_CLOCK_PAUSE,    PERM_FIGURES_PUBLISH, PERM_LEDGER_ERASE,  PERM_PEOPLE_MANAGE,
        PERM_OPERATION_OPEN, PERM_HASHSET_MANAGE,
    };
    FOR_EACH(p, changing)
        CHECK_INT(permission_reach(ROLE_AUDITOR, *p), REACH_NONE);
}

TEST(a_role_is_read_back_from_its_key)
{
    for (Role r = ROLE_NONE + 1; r < ROLE__COUNT; r++) {
        CHECK_INT(role_read(role_key(r)), r);
        CHECK(role_name(r)[0] != 0);
    }
    CHECK_INT(role_read("none"), ROLE_NONE);
    CHECK_INT(role_read("Coordinator"), ROLE_NONE);
    CHECK_INT(role_read(NULL), ROLE_NONE);
}

TEST_MAIN(the_document_and_the_table_agree, every_cell_is_filled_and_a_forgotten_one_closes_the_door,
          duties_are_kept_apart, a_role_is_read_back_from_its_key)
