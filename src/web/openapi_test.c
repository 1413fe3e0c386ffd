/* openapi_test.c: the description holds together: every reference leads somewhere, every part has what
 * OpenAPI 3.1 asks. */
#include "base/test.h"
#include "web/web.h"

typedef struct Doc { Arena mem; Json *root; size_t refs, operations; const char *path; } Doc;

static void doc_done(Doc *d)
{
    json_done(&d->root);
    arena_done(&d->mem);
}

static const Json *follow(Doc *d, const char *ref)
{
    const Json *at = d->root;
    CHECK(str_starts(ref, "#/"));
    for (const char *part = ref + 2; at && part;) {
        const char *slash = strchr(part, '/');
        size_t len = slash ? (size_t)(slash - part) : strlen(part);
        at = json_get(at, str_copy_n(&d->mem, part, len));
        part = slash ? slash + 1 : NULL;
    }
    return at;
}

static bool check_refs(void *ctx, const char *key, const Json *value)
{
    Doc *d = ctx;
    if (str_same(key, "$ref")) {
        d->refs++;
        if (!follow(d, json_text_of(value)))
            fail_msg("%s leads nowhere", json_text_of(value));
    }
    if (json_type(value) == JSON_TYPE_OBJECT)
        return json_each(value, check_refs, ctx);
    for (size_t i = 0; json_type(value) == JSON_TYPE_LIST && i < json_count(value); i++)
        if (json_type(json_at(value, i)) == JSON_TYPE_OBJECT)
            json_each(json_at(value, i), check_refs, ctx);
    return true;
}

static bool check_response(void *ctx, const char *status, const Json *response)
{
    (void)ctx;
    CHECK_INT(strlen(status), 3);
    CHECK(json_text(response, "$ref") || json_text(response, "description"));
    return true;
}

static size_t path_parameters(const Doc *d, const Json *list)
{
    size_t n = 0;
    for (size_t i = 0; i < json_count(list); i++) {
        const Json *p = json_at(list, i);
        CHECK(json_text(p, "name") && json_text(p, "in") && json_get(p, "schema"));
        if (!str_same(json_text(p, "in"), "path"))
            continue;
        CHECK(json_bool(p, "required", false));
        char want[64];
        snprintf(want, sizeof want, "{%s}", json_text(p, "name"));
        CHECK(strstr(d->path, want));
        n++;
    }
    return n;
}

static bool check_operation(void *ctx, const char *method, const Json *operation)
{
    Doc *d = ctx;
    size_t braces = 0;
    CHECK(str_same(method, "get") || str_same(method, "post"));
    CHECK(json_text(operation, "summary") && json_text(operation, "x-permission"));
    CHECK(json_count(json_get(operation, "responses")) >= 2);
    json_each(json_get(operation, "responses"), check_response, NULL);
    for (const char *at = d->path; (at = strchr(at, '{')); at++)
        braces++;
    CHECK_INT(path_parameters(d, json_get(operation, "parameters")), braces);
    CHECK_INT(json_get(operation, "requestBody") != NULL, str_same(method, "post"));
    for (size_t i = 0; i < json_count(json_get(operation, "security")); i++)
        CHECK(json_get(json_at(json_get(operation, "security"), i), "session"));
    d->operations++;
    return true;
}

static bool check_path(void *ctx, const char *path, const Json *item)
{
    Doc *d = ctx;
    CHECK(path[0] == '/' && !strchr(path, ':') && !strchr(path, '*'));
    d->path = path;
    return json_each(item, check_operation, d);
}

TEST(the_description_holds_together)
{
    CLEANUP(doc_done) Doc d = { 0 };
    d.root = web_openapi(&d.mem);
    CHECK_TEXT(json_text(d.root, "openapi"), "3.1.0");
    CHECK(json_text(json_get(d.root, "info"), "title") && json_text(json_get(d.root, "info"), "version"));
    CHECK(json_get(json_get(json_get(d.root, "components"), "securitySchemes"), "session"));
    json_each(json_get(d.root, "paths"), check_path, &d);
    json_each(d.root, check_refs, &d);
    CHECK_INT(d.operations, web_route_count);
    CHECK(d.refs > web_route_count);
}

TEST_MAIN(the_description_holds_together)
