// Inside gtp/: what live analysis is asked for and how it is written [the dialects of Leela Zero,
// KataGo and CGOS]. All numbers are those of the side to move.
#ifndef GTP_GTP_ANALYZE_H
#define GTP_GTP_ANALYZE_H

#include "gtp/gtp_engine.h"
#include "gtp/report.h"

enum gtp_dialect {
    GTP_DIALECT_LZ,   // whole numbers: chances times 10000
    GTP_DIALECT_KATA, // real numbers, each with a point, which is what Sabaki's `analyze` wants
    GTP_DIALECT_CGOS, // one line of JSON
};

struct gtp_analysis {
    enum gtp_dialect dialect;
    int color; // 0 or 1; -1: not said
    double interval;
    struct report_options options;
    bool pv_visits, pv_edge_visits, root_info, no_result;
    // The moves that are left out, as for search_restrict.
    bool is_restricted;
    uint16_t until[2 * GAME_MAX_ACTIONS];
    struct report report;
    // The latest text.
    char *text;
    size_t num_bytes;
};

// Reads a command's arguments. False: they are no syntax of this dialect. Owes gtp_analyze_done
// either way.
bool gtp_analyze_parse(struct gtp_analysis *analysis, enum gtp_dialect dialect, const struct game *game,
                       const struct gtp_line *line);
void gtp_analyze_done(struct gtp_analysis *analysis);
// Makes the text of what the engine's search has found: one line with its newline, or nothing
// before the root is judged.
void gtp_analyze_format(struct gtp_analysis *analysis, const struct gtp_engine *engine);

#endif
