/* openapi.c: the OpenAPI 3.1 description, made from the route table. */
#include <string.h>
#include "web/web.h"

static Json *text_schema(void)
{
    Json *schema = json_new_object();
    json_set_text(schema, "type", "string");
    return schema;
}

static Json *to_ref(const char *to)
{
    Json *j = json_new_object();
    json_set_text(j, "$ref", to);
    return j;
}

/* Calls back with each word of "band reason". */
typedef void Word(void *ctx, const char *word);
static void each_word(Arena *mem, const char *words, Word *each, void *ctx)
{
    for (Str rest = str_trim(str_of(words)); rest.len;) {
        const char *space = memchr(rest.at, ' ', rest.len);
        size_t len = space ? (size_t)(space - rest.at) : rest.len;
        each(ctx, str_copy_n(mem, rest.at, len));
        rest = str_trim((Str){ rest.at + len, rest.len - len });
    }
}

static Json *parameter(const char *name, const char *in, const char *says)
{
    Json *p = json_new_object();
    json_set_text(p, "name", name);
    json_set_text(p, "in", in);
    json_set_text(p, "description", says);
    if (str_same(in, "path"))
        json_set_bool(p, "required", true);
    json_set(p, "schema", text_schema());
    return p;
}

static const char *param_says(const char *name)
{
    static const struct { const char *name, *says; } known[] = {
        { "id", "The number of the row" },
        { "measure", "Key of a measure, as in /figures" },
        { "name", "File name" },
        { "ref", "Reference, such as N-3Z1B; a mistyped one is refused" },
        { "seq", "Number of the ledger entry" },
    };
    FOR_EACH(k, known)
    if (str_same(k->name, name))
        return k->says;
    return "As in the address";
}

/* "/nominals/:ref" -> "/nominals/{ref}", listing the parameters. */
static const char *template_of(Arena *mem, const char *path, Json *parameters)
{
    StrBuf buf = { .mem = mem };
    while (*path) {
        if (*path != ':' && *path != '*') {
            buf_char(&buf, *path++);
            continue;
        }
        size_t len = strcspn(++path, "/");
        const char *name = str_copy_n(mem, path, len);
        path += len;
        json_push(parameters, parameter(name, "path", param_says(name)));
        buf_fmt(&buf, "{%s}", name);
    }
    return buf_text(&buf);
}

static void query_parameter(void *ctx, const char *word)
{
    json_push(ctx, parameter(word, "query", NULL));
}

static void form_property(void *ctx, const char *word)
{
    json_set(ctx, word, text_schema());
}

static Json *form_content(const Json *schema)
{
    static const char *const types[] = { "application/x-www-form-urlencoded", "application/json" };
    Json *content = json_new_object();
    FOR_EACH(type, types)
    {
        Json *media = json_new_object();
        json_set(media, "schema", json_keep((Json *)(uintptr_t)schema));
        json_set(content, *type, media);
    }
    return content;
}

static Json *upload_content(void)
{
    CLEANUP(json_done) Json *file = text_schema();
    json_set_text(file, "contentMediaType", "application/octet-stream");
    Json *content = json_new_object(), *media = json_new_object(), *schema = json_new_object();
    Json *properties = json_new_object();
    json_set(properties, "file", json_keep(file));
    json_set_text(schema, "type", "object");
    json_set(schema, "properties", properties);
    json_set(media, "schema", schema);
    json_set(content, "multipart/form-data", media);
    return content;
}

static Json *request_body(Arena *mem, const Route *route)
{
    Json *body = json_new_object();
    if (str_same(route->fields, "file")) {
        json_set(body, "content", upload_content());
        return body;
    }
    CLEANUP(json_done) Json *schema = json_new_object();
    Json *properties = json_new_object();
    json_set_text(schema, "type", "object");
    each_word(mem, route->fields, form_property, properties);
    json_set(schema, "properties", properties);
    json_set(body, "content", form_content(schema));
    return body;
}

static void answer(Json *responses, const char *status, const char *says, const char *type)
{
    Json *r = json_new_object();
    json_set_text(r, "description", says);
    if (type) {
        Json *content = json_new_object(), *media = json_new_object();
        json_set(media, "schema", json_new_object());
        json_set(content, type, media);
        json_set(r, "content", content);
    }
    json_set(responses, status, r);
}

static const char *answer_type(const Route *route)
{
    if (str_starts(route->path, "/live/"))
        return "text/event-stream";
    if (str_starts(route->path, "/assets/") || str_same(route->path, "/ledger/checkpoint"))
        return "text/plain";
    return "application/json";
}

static Json *responses_of(const Route *route)
{
    static const struct { const char *status, *name; bool post, signed_in; } errors[] = {
        { "400", "Invalid",    true,  false }, { "401", "SignedOut", false, true  }, { "403", "Denied",  true,  false },
        { "404", "NotFound",   false, false }, { "409", "Conflict",  true,  false }, { "413", "TooMuch", true,  false },
        { "503", "TryLater",   false, false },
    };
    Json *responses = json_new_object();
    answer(responses, "200", route->method == POST ? "Done" : route->says, answer_type(route));
    FOR_EACH(e, errors)
    if ((!e->post || route->method == POST) && (!e->signed_in || route->needs != PERM_PUBLIC)) {
        CLEANUP(arena_done) Arena mem = { 0 };
        json_set(responses, e->status, to_ref(str_fmt(&mem, "#/components/responses/%s", e->name)));
    }
    return responses;
}

static Json *security_of(const Route *route)
{
    Json *list = json_new_list();
    if (route->needs == PERM_PUBLIC)
        return list;                                           /* empty: none needed */
    Json *all = json_new_object();
    json_set(all, "session", json_new_list());
    if (route->method == POST)
        json_set(all, "csrf", json_new_list());
    json_push(list, all);
    return list;
}

static void add_route(Arena *mem, Json *paths, const Route *route)
{
    Json *operation = json_new_object(), *parameters = json_new_list();
    const char *path = template_of(mem, route->path, parameters);
    json_set_text(operation, "summary", route->says);
    json_set_text(operation, "x-permission", permission_name(route->needs));
    if (route->method == GET)
        each_word(mem, route->fields, query_parameter, parameters);
    else
        json_set(operation, "requestBody", request_body(mem, route));
    json_set(operation, "parameters", parameters);
    json_set(operation, "responses", responses_of(route));
    json_set(operation, "security", security_of(route));
    const Json *there = json_get(paths, path);
    Json *item = there ? json_keep((Json *)(uintptr_t)there) : json_new_object();
    json_set(item, route->method == POST ? "post" : "get", operation);
    json_set(paths, path, item);
}

static Json *security_schemes(void)
{
    Json *schemes = json_new_object(), *session = json_new_object(), *csrf = json_new_object();
    json_set_text(session, "type", "apiKey");
    json_set_text(session, "in", "cookie");
    json_set_text(session, "name", "__Host-muster");
    json_set_text(session, "description", "Given by POST /sign-in");
    json_set_text(csrf, "type", "apiKey");
    json_set_text(csrf, "in", "header");
    json_set_text(csrf, "name", "X-CSRF");
    json_set_text(csrf, "description", "The csrf of GET /account; before signing in, that of GET /sign-in");
    json_set(schemes, "session", session);
    json_set(schemes, "csrf", csrf);
    return schemes;
}

static Json *error_schema(void)
{
    static const char *const names[] = { "error", "told", "hint", "reference" };
    Json *schema = json_new_object(), *properties = json_new_object(), *required = json_new_list();
    FOR_EACH(name, names)
    json_set(properties, *name, text_schema());
    json_push(required, json_new_text("error"));
    json_push(required, json_new_text("told"));
    json_set_text(schema, "type", "object");
    json_set(schema, "properties", properties);
    json_set(schema, "required", required);
    return schema;
}

static Json *error_responses(void)
{
    static const struct { const char *name, *says; } all[] = {
        { "Invalid", "Something in the form must be mended" },
        { "SignedOut", "Not signed in, or the session is over" },
        { "Denied", "The anti-forgery token is missing, or this may not be done" },
        { "NotFound", "Not there, or not for you" },
        { "Conflict", "Someone changed it first: read it again" },
        { "TooMuch", "Too big or too many" },
        { "TryLater", "The database cannot be reached" },
    };
    Json *responses = json_new_object();
    FOR_EACH(a, all)
    {
        Json *r = json_new_object(), *content = json_new_object(), *media = json_new_object();
        json_set_text(r, "description", a->says);
        json_set(media, "schema", to_ref("#/components/schemas/Error"));
        json_set(content, "application/json", media);
        json_set(r, "content", content);
        json_set(responses, a->name, r);
    }
    return responses;
}

static Json *components(void)
{
    Json *parts = json_new_object(), *schemas = json_new_object();
    json_set(schemas, "Error", error_schema());
    json_set(parts, "schemas", schemas);
    json_set(parts, "responses", error_responses());
    json_set(parts, "securitySchemes", security_schemes());
    return parts;
}

Json *web_openapi(Arena *mem)
{
    Json *doc = json_new_object(), *info = json_new_object(), *paths = json_new_object();
    json_set_text(info, "title", "Muster");
    json_set_text(info, "version", MUSTER_VERSION);
    json_set_text(info, "description",
                  "Every page is also an API at the same address: send Accept: application/json. What "
                  "the session's person may not see is not found.");
    for (size_t i = 0; i < web_route_count; i++)
        add_route(mem, paths, &web_routes[i]);
    json_set_text(doc, "openapi", "3.1.0");
    json_set(doc, "info", info);
    json_set(doc, "paths", paths);
    json_set(doc, "components", components());
    return doc;
}
