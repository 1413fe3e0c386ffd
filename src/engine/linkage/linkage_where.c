/* The haversine of the angle between two places is a quarter of the square of the straight line between their
 * directions, so the line is all that has to be looked at. */
#include "engine/linkage/linkage_where.h"
#include <math.h>
#include "engine/linkage/linkage_levels.h"

static const double UNIT = 32767, EARTH_KM = 6371.0088;

static int16_t part(double x)
{
    return (int16_t)lrint(x * UNIT);
}

LinkWhere link_where(double latitude, double longitude)
{
    double up = latitude * (M_PI / 180), round = longitude * (M_PI / 180);
    return (LinkWhere){ { part(cos(up) * cos(round)), part(cos(up) * sin(round)), part(sin(up)) } };
}

bool link_where_known(LinkWhere w)
{
    return w.at[0] || w.at[1] || w.at[2];
}

static int64_t line_squared(LinkWhere a, LinkWhere b)
{
    int64_t all = 0;
    for (int i = 0; i < 3; i++)
        all += (int64_t)(a.at[i] - b.at[i]) * (a.at[i] - b.at[i]);
    return all;
}

double link_where_km(LinkWhere a, LinkWhere b)
{
    double half = sqrt((double)line_squared(a, b)) / (2 * UNIT);
    return 2 * EARTH_KM * asin(half < 1 ? half : 1);
}

bool link_where_within(LinkWhere a, LinkWhere b, double km)
{
    double line = 2 * UNIT * sin(km / (2 * EARTH_KM));
    return (double)line_squared(a, b) <= line * line;
}

const char *link_where_apart(Arena *mem, LinkWhere a, LinkWhere b)
{
    if (!link_where_known(a) || !link_where_known(b) || link_where_km(a, b) < 1)
        return NULL;
    return str_fmt(mem, "about %.0f km apart", link_where_km(a, b));
}

bool link_model_knows_places(const LinkModel *model)
{
    for (size_t i = 0; i < model->comparison_count; i++) {
        const LinkComparison *k = &model->comparisons[i];
        for (size_t l = 1; l < link_kind_specs[k->kind].level_count; l++)
            if (str_same(link_kind_specs[k->kind].levels[l].key, "km_5") && k->levels[l].u_pairs > 0)
                return true;
    }
    return false;
}
