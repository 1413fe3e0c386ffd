/* people.c: invented people. Names are drawn from short lists in common use, so that some are shared by
 * strangers; dates of birth differ. Telephone numbers are in the range kept for drama, domains are
 * example.org. */
#include "simulate/world.h"

static const char *const given_names[] = {
    "Adam",   "Alan",    "Alex",    "Andrew",  "Anthony",  "Barry",   "Ben",    "Brian",   "Callum",
    "Carl",   "Charles", "Chris",   "Colin",   "Craig",    "Daniel",  "Darren", "David",   "Dean",
    "Derek",  "Dylan",   "Edward",  "Elliot",  "Eric",     "Ethan",   "Frank",  "Gareth",  "Gary",
    "George", "Glenn",   "Graham",  "Harry",   "Hugh",     "Iain",    "Ian",    "Jack",    "James",
    "Jamie",  "Jason",   "Joe",     "John",    "Jonathan", "Karl",    "Keith",  "Kevin",   "Kieran",
    "Lee",    "Leon",    "Lewis",   "Liam",    "Luke",     "Mark",    "Martin", "Matthew", "Michael",
    "Nathan", "Neil",    "Nigel",   "Oliver",  "Owen",     "Patrick", "Paul",   "Peter",   "Philip",
    "Ralph",  "Richard", "Robert",  "Roger",   "Ross",     "Russell", "Ryan",   "Samuel",  "Scott",
    "Sean",   "Shaun",   "Simon",   "Stephen", "Stuart",   "Terence", "Thomas", "Timothy", "Trevor",
    "Victor", "Wayne",   "William", "Anna",    "Claire",   "Diane",   "Helen",  "Karen",   "Lisa",
    "Rachel", "Siân",    "Seán",    "Łukasz",  "José",     "Zoë",     "Jürgen", "Андрій",  "محمد",
    "Ngũgĩ",  "Björn",   "Tomáš",
};
static const char *const family_names[] = {
    "Abbott",     "Adams",    "Ahmed",   "Akhtar",
    "Allen",      "Archer",   "Ashby",   "Atkins",
    "Bailey",     "Baines",   "Barker",  "Barlow",
    "Beech",      "Bennett",  "Birch",   "Booth",
    "Bowen",      "Bradshaw", "Briggs",  "Brook",
    "Bryant",     "Burke",    "Byrne",   "Cairns",
    "Carver",     "Chadwick", "Clegg",   "Cole",
    "Conway",     "Cooper",   "Cross",   "Dalton",
    "Davies",     "Dawson",   "Dobson",  "Doyle",
    "Drake",      "Duffy",    "Eaton",   "Ellis",
    "Evans",      "Farrell",  "Fenton",  "Field",
    "Fletcher",   "Forbes",   "Foster",  "Fraser",
    "Garner",     "Gibbs",    "Gill",    "Goddard",
    "Grant",      "Greaves",  "Griffin", "Hale",
    "Hardy",      "Harper",   "Hewitt",  "Hobbs",
    "Holt",       "Horton",   "Hughes",  "Hussain",
    "Iqbal",      "Jarvis",   "Jenkins", "Kaur",
    "Keane",      "Kemp",     "Khan",    "Kirby",
    "Lamb",       "Lawson",   "Leach",   "Lloyd",
    "Lowe",       "Marsh",    "Mason",   "McBride",
    "Mills",      "Morgan",   "Nash",    "Naylor",
    "Noble",      "O'Brien",  "Osborne", "Parry",
    "Patel",      "Payne",    "Perkins", "Poole",
    "Pratt",      "Quinn",    "Reeve",   "Rhodes",
    "Riley",      "Rowe",     "Sharp",   "Shaw",
    "Simms",      "Slater",   "Stokes",  "Sutton",
    "Talbot",     "Tate",     "Thorpe",  "Turner",
    "Vance",      "Walsh",    "Warner",  "Webb",
    "Whelan",     "Wood",     "Yates",   "Ó Súilleabháin",
    "Wiśniewski", "Nuñez",    "Llŷr",    "Müller",
    "Шевченко",   "الحسن",    "Dvořák",  "Fitzgerald-Hughes",
};
static const char *const streets[] = {
    "Example Road", "Sample Street", "Specimen Lane",   "Placeholder Avenue", "Test Close",  "Pattern Way",
    "Mock Terrace", "Dummy Drive",   "Fictional Grove", "Invented Crescent",  "Trial Court", "Model Place",
};
static const char *const services[] = { "ExampleChat", "SampleShare", "PicBoard",
                                        "MailExample", "CloudBox",    "PlayLink" };
static const char *const jobs[] = {
    "warehouse operative", "driver",   "electrician", "retired", "unemployed", "shop assistant",
    "software tester",     "chef",     "accountant",  "student", "builder",    "cleaner",
    "sales manager",       "engineer", NULL,          NULL,      NULL,         NULL,
};
/* The published mix of roles, in the order they are given out. */
static const char *const trusted_jobs[] = {
    "teacher",
    "teacher",
    "teacher",
    "teacher",
    "teacher",
    "teacher",
    "school caretaker",
    "teaching assistant",
    "school technician",
    "school governor",
    "doctor",
    "doctor",
    "police officer",
    "police officer",
    "former police officer",
    "former police officer",
    "scout leader",
    "care worker",
    "care worker",
};

static const char *pick(Rng *r, const char *const *list, size_t n) { return list[below(r, n)]; }

Person *people_add(World *w, PersonKind kind, size_t town)
{
    size_t  n = w->person_count;
    Rng     r = stream(w, "person", n);
    Person *p = arena_push(w->mem, w->people, w->person_count, w->person_cap);
    *p = (Person){ .kind = kind, .town = town, .arrested = DATE_NONE, .charged = DATE_NONE,
                   .salt = rng_next(&r) };
    const Town *t = &w->towns[town];
    p->given = pick(&r, given_names, COUNT_OF(given_names));
    p->family = pick(&r, family_names, COUNT_OF(family_names));
    int year = date_civil(w->from).year;
    p->born = date_between(&r, date_of(year - 74, 1, 1), date_of(year - 19, 12, 31));
    p->occupation = pick(&r, jobs, COUNT_OF(jobs));
    p->service = pick(&r, services, COUNT_OF(services));
    p->account = str_fmt(w->mem, "user_%06llu%02zu", (unsigned long long)(n * 7919 % 1000000), n / 1000000);
    p->email = str_fmt(w->mem, "mail.%zu.%02u@example.org", n + 101, (unsigned)rng_below(&r, 100));
    p->email2 = one_in(&r, 0.3) ? str_fmt(w->mem, "other.%zu@mail.example.org", n + 101) : NULL;
    /* Only a thousand numbers are kept for drama, so few people are given one: a shared one would join
     * strangers. */
    p->phone = n % 4 == 0 && n / 4 < 900 ? str_fmt(w->mem, "07700 900%03zu", n / 4) : NULL;
    p->phone2 = n % 40 == 0 && n / 40 < 100 ? str_fmt(w->mem, "+44 7700 9009%02zu", n / 40) : NULL;
    p->device =
        one_in(&r, 0.35) ? str_fmt(w->mem, "35%012zu%u", n * 37 + 1000, (unsigned)rng_below(&r, 10)) : NULL;
    p->street = str_fmt(w->mem, "%zu %s", 1 + n % 240, streets[n / 240 % COUNT_OF(streets)]);
    p->postcode = str_fmt(w->mem, "%s%c%c", t->sectors[below(&r, t->sector_count)],
                          "ABDEFGHJLNPQRSTUWXYZ"[below(&r, 20)], "ABDEFGHJLNPQRSTUWXYZ"[below(&r, 20)]);
    double how = rng_unit(&r);
    p->hotline = how < 0.76 || kind == PERSON_LIVE;
    p->listed = !p->hotline ? how < 0.90 : one_in(&r, 0.10);
    p->table = !p->hotline && !p->listed ? true : one_in(&r, 0.25);
    return p;
}

/* Cheshire's arrests were all in Warrington, its first town. */
static size_t town_in(World *w, size_t force, Rng *r, bool arrested)
{
    const Force *f = &w->forces[force];
    bool first = arrested && str_same(f->short_id, "cheshire");
    return f->first_town + (first ? 0 : below(r, f->town_count));
}

/* The person's first report must be here before the arrest: choose its batch, then the day. */
static void arrest_when(World *w, Person *p, size_t phase, Rng *r)
{
    const Phase *ph = &w->phases[phase];
    p->phase = phase;
    p->arrested = date_between(r, ph->from, ph->to);
    size_t last = 0;
    while (last + 1 < w->batch_count && w->batches[last + 1].arrives <= p->arrested - 9 &&
           !w->batches[last + 1].live)
        last++;
    p->first_batch = phase == 0 ? below(r, last + 1) : last / 2 + below(r, last - last / 2 + 1);
}

static void arrested_people(World *w, size_t phase, Rng *r)
{
    for (size_t f = 0; f < w->force_count; f++)
        for (int i = 0; i < w->phases[phase].by_force[f][T_ARRESTS]; i++) {
            Person *p = people_add(w, PERSON_ARRESTED, town_in(w, f, r, true));
            arrest_when(w, p, phase, r);
        }
}

/* Forces by their share of arrests, so that the waiting work lies where the people are. */
static size_t force_at_random(World *w, Rng *r)
{
    uint64_t n = rng_below(r, (uint64_t)w->phases[0].totals.arrests);
    for (size_t f = 0; f < w->force_count; f++) {
        uint64_t here = (uint64_t)w->phases[0].by_force[f][T_ARRESTS];
        if (n < here)
            return f;
        n -= here;
    }
    return 0;
}

static void other_people(World *w, PersonKind kind, int count, Rng *r)
{
    size_t quiet = w->batch_count;
    while (quiet > 1 && w->batches[quiet - 1].live)
        quiet--;
    for (int i = 0; i < count; i++) {
        size_t  f = one_in(r, 0.3) ? below(r, w->force_count) : force_at_random(w, r);
        Person *p = people_add(w, kind, town_in(w, f, r, false));
        p->first_batch = kind == PERSON_LIVE ? quiet + below(r, w->batch_count - quiet) : below(r, quiet);
        p->straddles = kind == PERSON_PACKAGED && i % 130 == 7;
        if (p->straddles)            /* Stamford's edge: Lincolnshire and Cambridgeshire share the sector */
            p->postcode = str_fmt(w->mem, "PE9 3A%c", "BDEFGHJ"[i / 130 % 7]);
        if (p->first_batch >= w->batch_count)
            p->first_batch = w->batch_count - 1;
    }
}

/* Flags `count` arrested people of a phase, each at most once. */
static void flag_some(World *w, size_t phase, int count, bool trust, Rng *r)
{
    for (int given = 0, tries = 0; given < count && tries < 1000000; tries++) {
        Person *p = &w->people[below(r, w->person_count)];
        bool   *flag = trust ? &p->trust : &p->registered;
        if (p->kind != PERSON_ARRESTED || p->phase != phase || *flag || (trust ? p->registered : p->trust))
            continue;
        *flag = true;
        if (trust)
            p->occupation = trusted_jobs[(size_t)given % COUNT_OF(trusted_jobs)];
        given++;
    }
}

void people_make(World *w)
{
    Rng r = stream(w, "people", 0);
    for (size_t i = 0; i < w->phase_count; i++) {
        arrested_people(w, i, &r);
        flag_some(w, i, w->phases[i].totals.trust, true, &r);
        flag_some(w, i, w->phases[i].totals.registered, false, &r);
    }
    other_people(w, PERSON_PACKAGED, scaled(w, 390), &r);
    other_people(w, PERSON_OTHER, scaled(w, 640), &r);
    int live = scaled(w, 36);
    other_people(w, PERSON_LIVE, live < 3 ? 3 : live, &r);
    for (size_t i = 0; i < w->person_count; i++)      /* a few registered people have not been arrested */
        if (w->people[i].kind == PERSON_PACKAGED && i % 29 == 0)
            w->people[i].registered = true;
    int again = w->phases[0].totals.arrests > 100 ? 3 : 1;
    for (size_t i = 0; i < w->person_count && again; i++)
        if (w->people[i].hotline && w->people[i].kind == PERSON_ARRESTED &&
            w->people[i].arrested + 20 < w->phases[0].to) {
            w->people[i].rearrested = true;
            again--;
        }
}
