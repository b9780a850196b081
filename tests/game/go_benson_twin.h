// Pass-alive areas by lists and flood fills: the slow twin of game/go_benson.c.
#ifndef TESTS_GAME_GO_BENSON_TWIN_H
#define TESTS_GAME_GO_BENSON_TWIN_H

#include "game/go.h"
#include "game/go_rules.h"

#include <string.h>

// A chain on the border of a region.
struct contact {
    uint16_t region, chain; // chain: its head
    bool vital;
};

struct regions {
    int num_regions, num_contacts;
    uint16_t label[GO_MAX_POINTS]; // region + 1 of a point; 0: none
    // [region]: its points without a stone of the colour next to them, counted up to 2.
    uint8_t interior[GO_MAX_POINTS];
    bool stands[GO_MAX_POINTS];                 // [region]
    struct contact contacts[2 * GO_MAX_POINTS]; // a chain and a region that touch are listed once
};

// Floods the region at `start`, and lists the chains on its border.
static void region_flood(const struct game *g, const struct go_state *s, int color, int start, struct regions *r,
                         uint16_t *touches, uint16_t *liberties) {
    const int w = go_stride(g), step[4] = {-w, -1, 1, w};
    const struct go_point *points = s->points;
    const int region = r->num_regions++, first = r->num_contacts;
    uint16_t stack[GO_MAX_POINTS];
    // Suicide of several stones may empty any point of a region, so that all its points count then.
    const bool suicide = g->rule[GO_SUICIDE] == GO_SUICIDE_ALLOWED;
    int depth = 0, num_empty = 0, interior = 0;
    stack[depth++] = (uint16_t)start;
    r->label[start] = (uint16_t)(region + 1);
    while (depth) {
        const int p = stack[--depth];
        const bool empty = suicide || points[p].color == GO_EMPTY;
        num_empty += empty;
        int beside[4], num_beside = 0;
        for (int d = 0; d < 4; d++) {
            const int q = p + step[d];
            if (points[q].color == color) {
                const int head = points[q].head;
                bool counted = false;
                for (int i = 0; i < num_beside; i++) counted |= beside[i] == head;
                if (counted) continue;
                beside[num_beside++] = head;
                if (touches[head] != region + 1) {
                    touches[head] = (uint16_t)(region + 1);
                    liberties[head] = 0;
                    r->contacts[r->num_contacts++] = (struct contact){.region = (uint16_t)region, .chain = (uint16_t)head};
                }
                liberties[head] = (uint16_t)(liberties[head] + empty);
            } else if (points[q].color != GO_BORDER && !r->label[q]) {
                r->label[q] = (uint16_t)(region + 1);
                stack[depth++] = (uint16_t)q;
            }
        }
        interior += !num_beside;
    }
    for (int i = first; i < r->num_contacts; i++) r->contacts[i].vital = liberties[r->contacts[i].chain] == num_empty;
    r->interior[region] = (uint8_t)(interior < 2 ? interior : 2);
    r->stands[region] = r->num_contacts > first;
}

// Drops chains and regions until nothing changes. alive[head] tells whether the chain is left.
static void benson_settle(struct regions *r, uint8_t *alive, uint8_t *vitals) {
    for (bool changed = true; changed;) {
        changed = false;
        for (int i = 0; i < r->num_contacts; i++) vitals[r->contacts[i].chain] = 0;
        for (int i = 0; i < r->num_contacts; i++) {
            const struct contact *c = &r->contacts[i];
            if (c->vital && r->stands[c->region] && vitals[c->chain] < 2) vitals[c->chain]++;
        }
        for (int i = 0; i < r->num_contacts; i++) {
            const struct contact *c = &r->contacts[i];
            alive[c->chain] = vitals[c->chain] >= 2;
            if (!alive[c->chain] && r->stands[c->region]) {
                r->stands[c->region] = false;
                changed = true;
            }
        }
    }
}

static void pass_alive_color(const struct game *g, const struct go_state *s, int color, uint8_t *marks) {
    if (!s->stones[color - 1]) return;
    const int num_points = go_num_points(g);
    struct regions r;
    uint16_t touches[GO_MAX_POINTS], liberties[GO_MAX_POINTS];
    uint8_t alive[GO_MAX_POINTS], vitals[GO_MAX_POINTS];
    r.num_regions = r.num_contacts = 0;
    memset(r.label, 0, sizeof *r.label * (size_t)num_points);
    memset(touches, 0, sizeof *touches * (size_t)num_points);
    memset(alive, 0, (size_t)num_points);
    for (int p = 0; p < num_points; p++) {
        const int c = s->points[p].color;
        if (c != GO_BORDER && c != color && !r.label[p]) region_flood(g, s, color, p, &r, touches, liberties);
    }
    if (r.num_regions < 2) return;
    benson_settle(&r, alive, vitals);
    for (int p = 0; p < num_points; p++) {
        const int c = s->points[p].color;
        if (c == GO_BORDER) continue;
        const bool owned = c == color ? alive[s->points[p].head] : r.stands[r.label[p] - 1] && r.interior[r.label[p] - 1] < 2;
        if (owned) marks[p] = (uint8_t)color;
    }
}

// As go_pass_alive.
static void twin_pass_alive(const struct game *g, const struct go_state *s, uint8_t marks[GO_MAX_POINTS]) {
    memset(marks, 0, (size_t)go_num_points(g));
    pass_alive_color(g, s, GO_BLACK, marks);
    pass_alive_color(g, s, GO_WHITE, marks);
}

#endif
